//! What each plan allows an organization: the figures of its license.
//!
//! A figure of 0 for things that are counted (`teams`, `users`, `scenarios`) is no limit. What
//! Make publishes of its plans is taken from there; the rest are figures of the usual size.

use serde_json::{Value, json};

use super::limit::PlanName;

/// What differs between plans.
struct Figures {
    /// Minutes between two runs of a scenario, at least.
    interval: u64,
    teams: u64,
    /// Scenarios that are active at once.
    scenarios: u64,
    operations: u64,
    /// Bytes that scenarios may move, in the same time as the operations.
    transfer: u64,
    /// The largest file, in bytes.
    file: u64,
    /// Days for which logs are kept.
    retention: u64,
    /// Minutes for which a run may last.
    execution: u64,
    custom_variables: bool,
    /// Enterprise: functions, roles, properties and agents of one's own, analytics, audit logs.
    is_enterprise: bool,
    priority: &'static str,
}

const MEGABYTE: u64 = 1024 * 1024;

fn figures(plan: PlanName) -> Figures {
    let paid = Figures {
        interval: 1,
        teams: 1,
        scenarios: 0,
        operations: 10_000,
        transfer: 5_120 * MEGABYTE,
        file: 100 * MEGABYTE,
        retention: 30,
        execution: 40,
        custom_variables: false,
        is_enterprise: false,
        priority: "medium",
    };
    match plan {
        PlanName::Free => Figures {
            interval: 15,
            scenarios: 2,
            operations: 1_000,
            transfer: 512 * MEGABYTE,
            file: 5 * MEGABYTE,
            retention: 7,
            execution: 5,
            priority: "low",
            ..paid
        },
        PlanName::Core => paid,
        PlanName::Pro => Figures {
            file: 250 * MEGABYTE,
            custom_variables: true,
            priority: "high",
            ..paid
        },
        PlanName::Teams => Figures {
            teams: 0,
            file: 500 * MEGABYTE,
            custom_variables: true,
            priority: "high",
            ..paid
        },
        PlanName::Enterprise | PlanName::Unlimited => Figures {
            teams: 0,
            operations: 100_000,
            transfer: 51_200 * MEGABYTE,
            file: 1_000 * MEGABYTE,
            retention: 60,
            custom_variables: true,
            is_enterprise: true,
            priority: "high",
            ..paid
        },
    }
}

/// The license that comes with a plan, as `GET /organizations/{id}` shows it.
pub(crate) fn of(plan: PlanName) -> Value {
    let figures = figures(plan);
    let Figures {
        interval,
        teams,
        scenarios,
        operations,
        transfer,
        file,
        retention,
        execution,
        custom_variables,
        is_enterprise,
        priority,
    } = figures;
    json!({
        "apiLimit": plan.api_limit(), "interval": interval, "teams": teams, "users": 0,
        "scenarios": scenarios, "operations": operations, "transfer": transfer,
        "dslimit": operations / 1_000, "dsslimit": operations / 1_000 * MEGABYTE,
        "fslimit": file, "iolimit": 0, "advsched": true, "onDemandScheduling": true,
        "customVariables": custom_variables, "customFunctions": is_enterprise,
        "customProperties": if is_enterprise { 100 } else { 0 }, "customRoles": is_enterprise,
        "dynamicConnections": is_enterprise, "scenarioIO": true, "onPremAgent": is_enterprise,
        "analyticsAccess": is_enterprise, "auditLogsDays": if is_enterprise { 365 } else { 0 },
        "retention": retention, "dlqStorage": 100 * MEGABYTE, "webhookLogRetentionDays": 3,
        "executionTime": execution * 60, "priority": priority, "fulltext": custom_variables,
        "gracePeriod": 0, "restartPeriod": "month", "productManagement": "regular",
        "creatingTemplates": true, "installPublicApps": true, "teamOperationsLimits": teams == 0,
        "apps": [],
    })
}

/// The license that holds for an organization: that of the plan which the world was opened with,
/// or the organization's own.
pub(crate) fn effective(plan: Option<PlanName>, organization: &Value) -> Value {
    match plan {
        Some(plan) => of(plan),
        None => organization.get("license").cloned().unwrap_or_default(),
    }
}

/// Whether a license lets one more of something be there, of which there are `present`.
pub(crate) fn has_room(license: &Value, figure: &str, present: u64) -> bool {
    let allowed = license.get(figure).and_then(Value::as_u64).unwrap_or(0);
    allowed == 0 || present < allowed
}

/// Whether a license has a feature: it is true there, or a number above 0.
pub(crate) fn allows(license: &Value, feature: &str) -> bool {
    match license.get(feature) {
        Some(Value::Bool(allowed)) => *allowed,
        Some(value) => value.as_u64().is_some_and(|number| number > 0),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{allows, effective, has_room, of};
    use crate::sandbox::PlanName::{Core, Enterprise, Free, Pro, Teams, Unlimited};

    #[test]
    fn plans_differ_in_what_they_allow() {
        let may = |plan, feature| allows(&of(plan), feature);
        assert_eq!(
            [Free, Core, Pro].map(|plan| of(plan)["teams"] == 1),
            [true; 3]
        );
        assert_eq!(
            [Free, Core, Pro, Teams].map(|plan| may(plan, "customVariables")),
            [false, false, true, true]
        );
        for feature in [
            "customFunctions",
            "customProperties",
            "customRoles",
            "onPremAgent",
        ] {
            assert_eq!(
                [Teams, Enterprise, Unlimited].map(|plan| may(plan, feature)),
                [false, true, true]
            );
        }
        assert_eq!(of(Free)["interval"], 15);
        assert_eq!(of(Teams)["transfer"], 5_368_709_120_u64);
    }

    #[test]
    fn a_figure_of_nothing_is_no_limit_but_no_feature_either() {
        let license = json!({ "teams": 2, "users": 0 });
        assert!(has_room(&license, "teams", 1) && !has_room(&license, "teams", 2));
        assert!(has_room(&license, "users", 1_000) && !allows(&license, "users"));
        let organization = json!({ "license": license });
        assert_eq!(effective(None, &organization)["teams"], 2);
        assert_eq!(effective(Some(Free), &organization)["teams"], 1);
    }
}
