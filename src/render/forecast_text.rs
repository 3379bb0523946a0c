//! The forecast of runs and operations, in words and for machines.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use crate::plan::{Amounts, Forecast, Outlook, Runs};

/// What a step does to a month: `runs/month 2,880 -> 43,200; operations about 14,400 -> 216,000
/// (+201,600)`.
pub(super) fn outlook_text(outlook: &Outlook) -> String {
    let mut text = format!(
        "runs/month {} -> {}",
        runs(outlook.runs_before),
        runs(outlook.runs_after)
    );
    match (outlook.operations_before, outlook.operations_after) {
        (Some(before), Some(after)) => {
            let _ = write!(text, "; {}", operations(Amounts { before, after }));
        }
        (Some(before), None) if before > 0 => {
            let _ = write!(text, "; operations about {} -> unknown", thousands(before));
        }
        (_, _) => text.push_str("; operations unknown"),
    }
    text
}

/// What the plan does to a month; nothing where it changes no runs.
pub(super) fn forecast_text(forecast: &Forecast) -> Option<String> {
    if forecast.scenarios.is_empty() {
        return None;
    }
    let Amounts { before, after } = forecast.runs();
    let mut text = match (before, after) {
        (0, 0) => "Forecast: no clock starts what changes".to_owned(),
        (before, after) => format!(
            "Forecast: runs/month {} -> {}",
            thousands(before),
            thousands(after)
        ),
    };
    let (all, unknown) = (forecast.scenarios.len(), forecast.unknown());
    if unknown < all {
        let _ = write!(text, "; {}", operations(forecast.operations()));
    }
    match unknown {
        0 => {}
        _ if unknown == all => text.push_str("; operations unknown"),
        1 => text.push_str(", and unknown for 1 scenario"),
        many => {
            let _ = write!(text, ", and unknown for {many} scenarios");
        }
    }
    if let Some(limit) = forecast.limit {
        let _ = write!(
            text,
            "; the organization has {} operations a month",
            thousands(limit)
        );
    }
    text.push('.');
    Some(text)
}

/// `operations about 14,400 -> 216,000 (+201,600)`
fn operations(amounts: Amounts) -> String {
    let Amounts { before, after } = amounts;
    let (sign, difference) = match after >= before {
        true => ("+", after - before),
        false => ("-", before - after),
    };
    format!(
        "operations about {} -> {} ({sign}{})",
        thousands(before),
        thousands(after),
        thousands(difference)
    )
}

fn runs(runs: Runs) -> String {
    match runs {
        Runs::Number(number) => thousands(number),
        Runs::Instant => "as data arrives".to_owned(),
        Runs::OnDemand => "on demand".to_owned(),
        Runs::Unknown => "unknown".to_owned(),
    }
}

/// `1,234,567`
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What a step does to a month, for machines.
#[derive(Serialize)]
pub(super) struct OutlookDocument {
    /// A number; `instant`, `on-demand`, or null where nobody knows.
    runs: Sides<Value>,
    operations: Sides<Option<u64>>,
}

/// What the plan does to a month, for machines.
#[derive(Serialize)]
pub(super) struct ForecastDocument {
    /// Of the scenarios that clocks start, before and after.
    runs: Sides<u64>,
    /// Of the scenarios of which both sides can be told.
    operations: Sides<u64>,
    /// How many scenarios there are of which a side can't.
    unknown: usize,
    /// What the organization's plan includes.
    limit: Option<u64>,
}

/// As things stand, and after the plan.
#[derive(Serialize)]
struct Sides<T> {
    before: T,
    after: T,
}

impl From<Amounts> for Sides<u64> {
    fn from(Amounts { before, after }: Amounts) -> Self {
        Self { before, after }
    }
}

pub(super) fn outlook_document(outlook: &Outlook) -> OutlookDocument {
    let value = |runs: Runs| match runs {
        Runs::Number(number) => Value::from(number),
        Runs::Instant => Value::from("instant"),
        Runs::OnDemand => Value::from("on-demand"),
        Runs::Unknown => Value::Null,
    };
    OutlookDocument {
        runs: Sides {
            before: value(outlook.runs_before),
            after: value(outlook.runs_after),
        },
        operations: Sides {
            before: outlook.operations_before,
            after: outlook.operations_after,
        },
    }
}

pub(super) fn forecast_document(forecast: &Forecast) -> Option<ForecastDocument> {
    (!forecast.scenarios.is_empty()).then(|| ForecastDocument {
        runs: forecast.runs().into(),
        operations: forecast.operations().into(),
        unknown: forecast.unknown(),
        limit: forecast.limit,
    })
}

#[cfg(test)]
mod tests {
    use super::{operations, thousands};
    use crate::plan::Amounts;

    #[test]
    fn numbers_can_be_read() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(43_200), "43,200");
        assert_eq!(thousands(1_234_567), "1,234,567");
        let told = |before, after| operations(Amounts { before, after });
        assert_eq!(
            told(14_400, 216_000),
            "operations about 14,400 -> 216,000 (+201,600)"
        );
        assert_eq!(told(30, 0), "operations about 30 -> 0 (-30)");
    }
}
