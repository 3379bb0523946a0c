//! Whether a scenario works after it was changed. "200" is not "works".

use super::{
    executor::Run,
    stop::{Stop, finding},
};
use crate::{
    diagnostic::codes::apply as codes,
    model::{Kind, Live, RemoteId},
    plan::Step,
};

impl Run<'_> {
    /// Reads a scenario again. One that Make has switched off although it is to be on is started
    /// once more.
    pub(super) async fn check_health(&mut self, step: &Step, id: &RemoteId) -> Result<(), Stop> {
        let wanted_on = step
            .after
            .as_ref()
            .and_then(|after| after.flag("active"))
            .unwrap_or(false);
        let mut tries = 0;
        loop {
            let Some(now) = self.read(step, id).await? else {
                return Err(unhealthy(step, "it is gone from Make"));
            };
            let planned = self.input.snapshot.get(Kind::Scenario, id);
            self.witness.saw_after(planned, &now, self.account.own_user);
            let asleep = wanted_on && is_active(&now) == Some(false);
            if now.facts.invalid && (wanted_on || !self.was_invalid(id)) {
                return Err(unhealthy(step, "Make marks it as invalid"));
            }
            if !asleep {
                return Ok(());
            }
            if tries == 1 {
                return Err(unhealthy(step, "Make leaves it switched off"));
            }
            tries += 1;
            self.start_again(step, id).await?;
        }
    }

    /// Whether the scenario was invalid before the plan was made.
    fn was_invalid(&self, id: &RemoteId) -> bool {
        let before = self.input.snapshot.get(Kind::Scenario, id);
        before.is_some_and(|live| live.facts.invalid)
    }
}

fn is_active(live: &Live) -> Option<bool> {
    live.spec.as_scenario()?.active.as_set().copied()
}

fn unhealthy(step: &Step, message: &str) -> Stop {
    let help = "open it in Make's editor, which says what it misses; mend it and apply again";
    Stop::failed(finding(step, &codes::SCENARIO_UNHEALTHY, message).help(help))
}
