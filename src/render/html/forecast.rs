//! What a plan does to a month, as a small chart.

use std::fmt::Write as _;

use crate::{
    plan::{Amounts, Plan},
    render::{
        forecast_text::{forecast_text, thousands},
        svg::escape,
    },
};

/// How wide the longest bar is, in parts of a hundred of the chart.
const WIDEST: f64 = 50.0;

/// Runs and operations a month, before and after; nothing where the plan changes no runs.
pub(super) fn forecast(plan: &Plan) -> String {
    let Some(words) = forecast_text(&plan.forecast) else {
        return String::new();
    };
    let mut out = format!(
        "<section aria-labelledby=\"fore-h\"><h2 id=\"fore-h\">Forecast</h2><p>{}</p>",
        escape(&words)
    );
    let is_known = plan.forecast.unknown() < plan.forecast.scenarios.len();
    let operations = is_known.then(|| ("operations a month", plan.forecast.operations()));
    let charts = std::iter::once(("runs a month", plan.forecast.runs())).chain(operations);
    for (name, amounts) in charts.filter(|(_, amounts)| *amounts != Amounts::default()) {
        bars(name, amounts, &mut out);
    }
    out.push_str("</section>\n");
    out
}

fn bars(name: &str, amounts: Amounts, out: &mut String) {
    let Amounts { before, after } = amounts;
    let most = before.max(after).max(1);
    let what = format!(
        "{name}: {} before, {} after",
        thousands(before),
        thousands(after)
    );
    let _ = write!(
        out,
        "<svg class=\"bars\" role=\"img\" aria-label=\"{what}\" width=\"100%\" \
         height=\"66\"><title>{what}</title><text x=\"0\" y=\"12\">{name}</text>"
    );
    for (class, word, amount, y) in [("b", "before", before, 18), ("a", "after", after, 42)] {
        #[expect(clippy::cast_precision_loss, reason = "a bar is as exact as a pixel")]
        let width = (WIDEST * amount as f64 / most as f64 * 10.0).round() / 10.0;
        let _ = write!(
            out,
            "<text x=\"0\" y=\"{0}\">{word}</text><rect class=\"{class}\" x=\"60\" y=\"{y}\" \
             width=\"{width}%\" height=\"18\"/><text x=\"{width}%\" dx=\"66\" y=\"{0}\">{1}</text>",
            y + 14,
            thousands(amount),
        );
    }
    out.push_str("</svg>");
}
