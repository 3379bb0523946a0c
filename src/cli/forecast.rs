//! What a plan will cost in operations, with the account's history.

use crate::{
    model::{Dialect, Policy},
    plan::Plan,
};

use super::session::Connected;

/// Completes a plan's forecast and guards it. Asks the account once, and only where it can tell
/// more. A history that can't be read is none; where the project sets a limit, that is a guard.
pub(crate) async fn look_ahead(plan: &mut Plan, connected: &Connected, policy: &Policy) {
    let account = &connected.account;
    if plan.forecast.asks_for_history()
        && account.dialect == Dialect::Zone
        && !plan.findings.has_errors()
        && let Ok(now) = connected.now()
    {
        match connected.client.consumptions(account).await {
            Ok(history) => plan.forecast.learn(&history, now),
            Err(error) => {
                let unread = plan.unread_history_guard(policy, &error.to_string());
                plan.findings.extend(unread.into_iter().collect());
            }
        }
    }
    let guard = plan.operations_guard(policy);
    plan.findings.extend(guard.into_iter().collect());
}
