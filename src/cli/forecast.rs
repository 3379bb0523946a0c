//! What a plan will cost in operations, with the account's history.

use crate::{
    model::{Dialect, Policy},
    plan::Plan,
};

use super::session::Connected;

/// Completes a plan's forecast and guards it. Asks the account once, and only where it can tell
/// more: a history that can't be read is none.
pub(crate) async fn look_ahead(plan: &mut Plan, connected: &Connected, policy: &Policy) {
    let account = &connected.account;
    if plan.forecast.asks_for_history()
        && account.dialect == Dialect::Zone
        && !plan.findings.has_errors()
        && let Ok(now) = connected.now()
        && let Ok(history) = connected.client.consumptions(account).await
    {
        plan.forecast.learn(&history, now);
    }
    let guard = plan.operations_guard(policy);
    plan.findings.extend(guard.into_iter().collect());
}
