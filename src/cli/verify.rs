//! Whether the token may run what a plan is to run.

use crate::{
    diagnostic::{Finding, codes::health as codes},
    live::auth::lacking,
    plan::Plan,
};

use super::{error::Stop, session::Connected};

/// Adds a finding for each step whose scenario is to be run with a token that can't. Asks only
/// where there is such a step.
pub(crate) async fn check_right_to_run(plan: &mut Plan, connected: &Connected) -> Result<(), Stop> {
    let verified = plan.steps.iter();
    let verified: Vec<_> = verified
        .filter(|step| step.health.verify.is_some())
        .collect();
    if verified.is_empty() {
        return Ok(());
    }
    // Nobody tells for every token: those are tried.
    let Some(scopes) = connected.client.scopes().await? else {
        return Ok(());
    };
    let lacking = lacking(connected.client.dialect(), &scopes);
    let Some(need) = lacking.into_iter().find(|need| need.command == "run") else {
        return Ok(());
    };
    let findings = verified.into_iter().map(|step| {
        let message = format!(
            "it is to be run to verify it, and the token lacks the scope `{}`",
            need.scope
        );
        let finding = Finding::new(&codes::VERIFY_NOT_ALLOWED, message).about(&step.address);
        let finding = finding.help("use a token that has it, or leave `verify` out");
        match &step.place {
            Some(place) => finding.at(place.clone()),
            None => finding,
        }
    });
    let findings: Vec<Finding> = findings.collect();
    plan.findings.extend(findings.into_iter().collect());
    Ok(())
}
