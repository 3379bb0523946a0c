//! Whether a scenario works after it was changed. "200" is not "works".

use super::{
    executor::Run,
    outcome::StepOutcome,
    stop::{Stop, finding},
    users::hooks,
};
use crate::{
    diagnostic::{Finding, Severity, codes::health as codes},
    model::{Form, Kind, Live, OnUnhealthy, PackedJson, RemoteId},
    plan::{self, Step},
};

/// What is wrong with a scenario, and what to do about it.
pub(super) struct Unhealthy {
    pub(super) why: String,
    pub(super) help: String,
}

impl Unhealthy {
    fn of(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            help: "open it in Make's editor, which says what it misses; mend it and apply again"
                .to_owned(),
        }
    }
}

/// What was done about a scenario that does not work.
enum Remedy {
    /// The form before stands again.
    Restored,
    /// It is switched off and kept.
    Stopped,
    /// That could not be done.
    InVain(String),
}

impl Run<'_> {
    /// Ends a step after its last request. `writes`: how many there were before its first.
    /// `previous`: the form before it, if the object was there: see [`Run::former`].
    pub(super) async fn complete(
        &mut self,
        step: &Step,
        id: &RemoteId,
        writes: usize,
        previous: Option<&Form>,
    ) -> Result<(), Stop> {
        let is_as_it_was = self.writes == writes && !step.only_checks();
        if is_as_it_was || step.address.kind != Kind::Scenario {
            return self.bind(step, id, true).await;
        }
        match self.examine(step, id).await {
            Ok(None) => {
                self.bind(step, id, true).await?;
                Ok(self.write_checked(step).await?)
            }
            Ok(Some(found)) => self.treat(step, id, found, previous).await,
            // What was sent is remembered: the next plan starts from there, and the next apply
            // looks whether it works.
            Err(stop) => {
                self.bind(step, id, true).await?;
                Err(stop)
            }
        }
    }

    /// Ends a step of which Make has carried out a part and refused the rest: half of a change is
    /// no more what anybody wants than one that does not work.
    pub(super) async fn undo(
        &mut self,
        step: &Step,
        id: &RemoteId,
        previous: Option<&Form>,
        stop: Stop,
    ) -> Stop {
        let Stop::Step(StepOutcome::Failed(refused)) = stop else {
            return stop;
        };
        let is_left = step.address.kind != Kind::Scenario
            || step.health.on_unhealthy == OnUnhealthy::Continue
            || self.is_open(step);
        if is_left {
            return Stop::Step(StepOutcome::Failed(refused));
        }
        let way_back = self.way_back(step, previous);
        let remedied = match step.health.on_unhealthy {
            OnUnhealthy::Restore => match previous {
                Some(previous) => self.restore(step, id, previous).await,
                None => self.switch_off(step, id).await,
            },
            OnUnhealthy::Stop | OnUnhealthy::Continue => self.switch_off(step, id).await,
        };
        match remedied {
            Err(stop) => stop,
            Ok(remedy) => {
                let mut refused = *refused;
                refused.message = said(&refused.message, &remedy);
                if let (Some(help), Some(way_back)) = (&mut refused.help, way_back) {
                    help.push_str(&way_back);
                }
                Stop::failed(refused)
            }
        }
    }

    /// Reads a scenario again, and runs it where its manifest asks for that. One that Make has
    /// switched off although it is to be on is started once more.
    async fn examine(&mut self, step: &Step, id: &RemoteId) -> Result<Option<Unhealthy>, Stop> {
        let wanted_on = step.is_to_be_on();
        let mut tries = 0;
        loop {
            let Some(now) = self.read(step, id).await? else {
                return Ok(Some(Unhealthy::of("it is gone from Make")));
            };
            let planned = self.input.snapshot.get(Kind::Scenario, id);
            self.witness.saw_after(planned, &now, self.account.own_user);
            if now.facts.invalid && (wanted_on || !self.was_invalid(step, id)) {
                return Ok(Some(Unhealthy::of("Make marks it as invalid")));
            }
            if now.facts.paused {
                let message = "Make has paused it over trouble with the subscription";
                let paused = finding(step, &codes::SCENARIO_PAUSED, message);
                let help = "it runs again when the subscription is mended; look in Make";
                self.notes.push(paused.help(help));
                return Ok(None);
            }
            if !wanted_on || is_active(&now) != Some(false) {
                break;
            }
            if tries == 1 {
                return Ok(Some(Unhealthy::of("Make leaves it switched off")));
            }
            tries += 1;
            self.start_again(step, id).await?;
        }
        match &step.health.verify {
            Some(verify) => self.verify(step, id, verify).await,
            None => Ok(None),
        }
    }

    /// Does with a scenario that does not work what its manifest says.
    async fn treat(
        &mut self,
        step: &Step,
        id: &RemoteId,
        found: Unhealthy,
        previous: Option<&Form>,
    ) -> Result<(), Stop> {
        let way_back = self.way_back(step, previous);
        let remedy = match (step.health.on_unhealthy, previous) {
            (OnUnhealthy::Continue, _) => {
                let mut warning = told(step, &found.why, &found.help);
                warning.severity = Severity::Warning;
                self.notes.push(warning);
                self.bind(step, id, true).await?;
                return Ok(self.write_checked(step).await?);
            }
            (OnUnhealthy::Restore, Some(previous)) => self.restore(step, id, previous).await?,
            (OnUnhealthy::Restore, None) | (OnUnhealthy::Stop, _) => {
                self.switch_off(step, id).await?
            }
        };
        let mut help = found.help;
        help.extend(way_back);
        Err(Stop::failed(told(step, &said(&found.why, &remedy), &help)))
    }

    /// Puts the form before a step back. The ledger goes on remembering that one.
    async fn restore(
        &mut self,
        step: &Step,
        id: &RemoteId,
        previous: &Form,
    ) -> Result<Remedy, Stop> {
        // What this run has deleted, no form can name again.
        if !hooks(previous).is_disjoint(&self.gone) {
            return self.switch_off(step, id).await;
        }
        self.put(step, id, &|_| previous.clone(), Remedy::Restored)
            .await
    }

    /// Switches a scenario off, and remembers it so.
    async fn switch_off(&mut self, step: &Step, id: &RemoteId) -> Result<Remedy, Stop> {
        let off = |now: &Form| {
            let mut off = now.clone();
            off.set("active", false);
            off
        };
        let remedy = self.put(step, id, &off, Remedy::Stopped).await?;
        self.bind_as(step, id, step.remembered.as_ref().map(switched_off))
            .await?;
        Ok(remedy)
    }

    /// Brings a scenario from how it stands to another form, and looks whether that stands.
    async fn put(
        &mut self,
        step: &Step,
        id: &RemoteId,
        form: &(dyn Fn(&Form) -> Form + Sync),
        done: Remedy,
    ) -> Result<Remedy, Stop> {
        let gone = || Ok(Remedy::InVain("it is gone from Make".to_owned()));
        let Some(now) = self.read(step, id).await? else {
            return gone();
        };
        let now = plan::live_form(&now);
        let wanted = form(&now);
        self.mending = true;
        let written = self.write_all(step, id, now, &wanted).await;
        self.mending = false;
        match written {
            Ok(()) => {}
            Err(Stop::Step(StepOutcome::Failed(finding))) => {
                return Ok(Remedy::InVain(finding.message));
            }
            Err(stop) => return Err(stop),
        }
        let Some(now) = self.read(step, id).await? else {
            return gone();
        };
        if !plan::holds(&wanted, &plan::live_form(&now)) {
            let reason = "Make took it, and has something else";
            return Ok(Remedy::InVain(reason.to_owned()));
        }
        self.write_checked(step).await?;
        Ok(done)
    }
}

/// What the ledger remembers of a form that was applied and switched off.
fn switched_off(remembered: &PackedJson) -> PackedJson {
    let Ok(mut form) = remembered.document() else {
        return remembered.clone();
    };
    if let Some(active) = form.get_mut("active") {
        *active = false.into();
    }
    PackedJson::from(form)
}

fn is_active(live: &Live) -> Option<bool> {
    live.spec.as_scenario()?.active.as_set().copied()
}

/// What was wrong, and what was done about it.
fn said(why: &str, remedy: &Remedy) -> String {
    match remedy {
        Remedy::Restored => format!("{why}; the form before was put back"),
        Remedy::Stopped => format!("{why}; it was switched off and kept"),
        Remedy::InVain(reason) => format!("{why}; putting that right failed: {reason}"),
    }
}

fn told(step: &Step, message: &str, help: &str) -> Finding {
    finding(step, &codes::SCENARIO_UNHEALTHY, message).help(help)
}
