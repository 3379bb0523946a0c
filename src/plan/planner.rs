//! The whole of planning, as a list of its parts.

use std::collections::{BTreeMap, BTreeSet};

use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Action, Coverage, EditorDifference, Forecast, Plan, Reason, Step, check,
    comparable::Secrets,
    defaults::is_sayable,
    diff_value::Around,
    digest,
    draft::{self, Draft},
    guard::{guard, needs_of_demotions, own_team},
    input::{PlanInput, foreign_ledger},
    leaving::{Leaving, leaving, unknown_removals},
    limits,
    look_alike::look_alike,
    names::Names,
    normalize::{Context, Drawn},
    occupied::occupied,
    order::{Needs, order},
    pair::{Pairing, pair},
    placeholder::placeholders,
    rebinding::rebindings,
    resolve::{Resolver, Standing},
    roles::rights,
    select::select,
    standing::{Users, missed, past, standings},
    ties::{Lacking, raw_ids},
    timing::Timing,
    two_parts::Parts,
    unlisted::open_invitations,
    unsaid,
    verify::look_after,
};
use crate::{
    diagnostic::{
        Finding, Report,
        codes::{guards, plan as codes},
    },
    model::{Address, Binding, Declared, Dialect, Handling, Kind},
};

/// Decides what apply is to do.
#[must_use]
pub fn plan(input: &PlanInput<'_>) -> Plan {
    let mut findings = Report::default();
    if let Some(finding) = foreign_ledger(input) {
        findings.push(finding);
        return finish(input, Vec::new(), Planner::default(), findings);
    }
    let pairs = pair(input, &mut findings);
    let (standings, lookups) = standings(input, &pairs);
    let around = around(input, &standings);
    let resolver = Resolver::new(&input.desired.variables, standings);
    let mut planner = Planner::default();
    if input.destroy {
        planner.leave(leaving(input, &pairs, None, &around));
    } else {
        let selected = select(input, &resolver, &mut findings);
        planner.draft_all(input, &pairs, selected.as_ref(), resolver, &around);
        planner.leave(leaving(input, &pairs, selected.as_ref(), &around));
    }
    planner.tell_unsaid(&lookups);
    findings.extend(missed(input, lookups, &planner.users));
    findings.extend(planner.lacking.findings(input).into_iter().collect());
    findings.extend(unknown_removals(input).into_iter().collect());
    findings.extend(open_invitations(input).into_iter().collect());
    let steps = planner.in_order(input);
    finish(input, steps, planner, findings)
}

/// What all comparisons of a plan have in common.
pub(super) fn around<'a>(
    input: &PlanInput<'a>,
    standings: &BTreeMap<Address, Standing>,
) -> Around<'a> {
    let env = input.desired.variables.env.values();
    let env = env.map(|value: &SecretString| value.expose_secret());
    Around {
        secrets: Secrets::new(env),
        past: Resolver::new(&input.desired.variables, past(input, standings)),
        names: Names::new(input, standings),
    }
}

fn finish(input: &PlanInput<'_>, steps: Vec<Step>, planner: Planner, mut findings: Report) -> Plan {
    findings.extend(planner.findings);
    findings.extend(guard(input, &steps).into_iter().collect());
    findings.extend(own_team(input, &steps).into_iter().collect());
    findings.extend(look_alike(input, &steps).into_iter().collect());
    findings.extend(occupied(input, &steps).into_iter().collect());
    let rebindings = rebindings(&planner.records, &input.bindings.by_address);
    let plan = Plan {
        digest: digest::of_plan(&input.target, &steps, &rebindings),
        forecast: Forecast::of(&input.target.account, &steps, input.now),
        target: input.target.clone(),
        coverage: Coverage {
            only: input.only.to_vec(),
            destroy: input.destroy,
            editor: input.editor,
        },
        steps,
        unchanged: planner.unchanged,
        editor: planner.editor,
        findings,
        records: planner.records,
        rebindings,
        lapsed: planner.lapsed,
    };
    debug_assert_eq!(check::problems(&plan), Vec::<String>::new());
    plan
}

/// What has been decided so far.
#[derive(Default)]
struct Planner {
    /// The steps that make or change things.
    steps: BTreeMap<Address, Step>,
    needs: BTreeMap<Address, BTreeSet<Address>>,
    parts: Parts,
    /// What the dialect has no things of.
    unsaid: BTreeMap<Address, Finding>,
    leaving: Leaving,
    records: BTreeMap<Address, Binding>,
    lapsed: Vec<Address>,
    unchanged: usize,
    /// Where the editor's part alone differs.
    editor: BTreeMap<Address, EditorDifference>,
    /// Who names what is looked up.
    users: Users,
    lacking: Lacking,
    findings: Report,
}

/// The kinds that have steps, what others name before those: one that is replaced has another
/// id.
const DRAFTED: [Kind; 9] = [
    Kind::Team,
    Kind::Variable,
    Kind::OrganizationRole,
    Kind::TeamRole,
    Kind::DataStructure,
    Kind::DataStore,
    Kind::Folder,
    Kind::Webhook,
    Kind::Scenario,
];

impl Planner {
    /// Drafts the steps of all wanted things.
    fn draft_all(
        &mut self,
        input: &PlanInput<'_>,
        pairs: &BTreeMap<Address, Pairing>,
        selected: Option<&BTreeSet<Address>>,
        mut resolver: Resolver<'_>,
        around: &Around<'_>,
    ) {
        for kind in DRAFTED {
            let mut replaced = Vec::new();
            for (address, declared) in &input.desired.things {
                let chosen = selected.is_none_or(|selected| selected.contains(address));
                if !chosen || address.kind != kind {
                    continue;
                }
                let dialect = input.snapshot.account.dialect;
                if !is_sayable(dialect, &declared.spec) {
                    let finding = unsaid::thing(dialect, address, declared);
                    self.unsaid.insert(address.clone(), finding);
                    continue;
                }
                let Some(pairing) = pairs.get(address) else {
                    continue;
                };
                if *pairing == Pairing::Blocked {
                    continue;
                }
                if unsaid::is_said_already(input, declared) {
                    self.unchanged += 1;
                    continue;
                }
                let live = pairing.id().and_then(|id| input.snapshot.get(kind, id));
                let draft = Draft {
                    address,
                    declared,
                    pairing,
                    live,
                    binding: binding_of(input, address, pairing),
                    context: Context {
                        desired: input.desired,
                        resolver: &resolver,
                        directory: &input.snapshot.directory,
                        dialect,
                    },
                    around,
                    editor: input.editor,
                };
                match draft.wanted() {
                    Ok(drafted) => {
                        self.resolved(input, address, declared, &drafted.wanted);
                        self.ties(input, around, address, declared, &drafted);
                        let is_replaced = drafted
                            .step
                            .as_ref()
                            .is_some_and(|step| step.action == Action::Replace);
                        if is_replaced {
                            replaced.push(address);
                        }
                        self.take(input, &draft, drafted);
                    }
                    Err(finding) => self.findings.push(*finding),
                }
            }
            for address in replaced {
                resolver.forget(address);
            }
        }
    }

    /// Takes what was drafted for one thing.
    fn take(&mut self, input: &PlanInput<'_>, draft: &Draft<'_>, drafted: draft::Drafted) {
        let address = draft.address;
        if let Pairing::Renamed { id: _, from } = draft.pairing {
            self.lapsed.push(from.clone());
        }
        let was_protected = draft.binding.is_some_and(|binding| binding.prevent_destroy);
        if was_protected && !draft.declared.lifecycle.prevent_destroy {
            let message = "its manifest protects it no longer";
            let finding = Finding::new(&guards::PROTECTION_LIFTED, message).about(address);
            self.findings.push(finding.at(draft.declared.place.clone()));
        }
        if let Some(editor) = drafted.editor_left {
            self.editor.insert(address.clone(), editor);
        }
        if let Some(mut step) = drafted.step {
            let account = &input.snapshot.account;
            let timing = Timing::of(&step, account, input.now, &drafted.wanted);
            let upcoming = timing.as_ref().and_then(Timing::upcoming);
            let found = limits::check(&step, draft.declared, input, timing.as_ref());
            step.upcoming = upcoming;
            step.reasons
                .extend(rights(&step, &input.snapshot.directory));
            self.findings.extend(found.into_iter().collect());
            self.findings
                .extend(look_after(&mut step, draft.declared).into_iter().collect());
            let found = placeholders(input, &step, &drafted.wanted);
            self.findings.extend(found.into_iter().collect());
            let key = draft.declared.spec.match_key();
            let editor = drafted.editor_applied.as_deref();
            let wanted = Some(&drafted.wanted);
            step.decided = digest::of_step(&step, wanted, draft.binding, key, editor);
            if address.kind == Kind::Scenario && step.sends_nothing() {
                // Thousands of scenarios are adopted as they are when an account is taken over:
                // what is not sent need not be held.
                (step.before, step.after) = (None, None);
            }
            self.parts.note(input, &step, &drafted.wanted);
            self.needs.insert(address.clone(), drafted.wanted.uses);
            self.steps.insert(address.clone(), step);
            if let (Pairing::Renamed { .. }, Some(binding)) = (draft.pairing, draft.binding) {
                // First the object has its new address; then its step may go wrong.
                self.records.insert(address.clone(), binding.clone());
            }
            return;
        }
        self.unchanged += 1;
        let prevent_destroy = draft.declared.lifecycle.prevent_destroy;
        if let Some(id) = draft.pairing.id() {
            // Whoever is listed now is gone when the lists have them no more.
            let invited = draft.live.is_some_and(|live| live.facts.unlisted);
            let is_recorded = draft.binding.is_some_and(|binding| {
                let form = binding.form.as_ref();
                binding.id == *id
                    && !matches!(draft.pairing, Pairing::Renamed { .. })
                    && binding.prevent_destroy == prevent_destroy
                    && binding.invited == invited
                    && form == Some(&drafted.remembered)
            });
            if !is_recorded {
                let binding = Binding {
                    id: id.clone(),
                    form: Some(drafted.remembered),
                    prevent_destroy,
                    invited,
                    unchecked: None,
                };
                self.records.insert(address.clone(), binding);
            }
        }
    }

    /// Notes who uses what is looked up, which references lead nowhere, and what can't be said.
    fn resolved(
        &mut self,
        input: &PlanInput<'_>,
        address: &Address,
        declared: &Declared,
        wanted: &Drawn,
    ) {
        let dialect = input.snapshot.account.dialect;
        for used in &wanted.uses {
            // What some API lists, another can't: that is looked up as well.
            if used.kind.handling() == Handling::Looked
                || dialect == Dialect::Unified
                || input.desired.excluded.contains_key(used)
            {
                let users = self.users.entry(used.clone()).or_default();
                let modules = wanted.ties.named.get(used).cloned().unwrap_or_default();
                users.insert(address.clone(), modules);
            }
        }
        for reference in &wanted.unresolved {
            let message = format!("`{reference}` leads nowhere");
            self.findings.push(
                Finding::new(&codes::UNRESOLVED_REFERENCE, message)
                    .about(address)
                    .at(declared.place.clone()),
            );
        }
        for field in &wanted.left_out {
            let finding = unsaid::field(dialect, address, declared, field);
            self.findings.push(finding);
        }
    }

    /// Notes what ties a blueprint to one account.
    fn ties(
        &mut self,
        input: &PlanInput<'_>,
        around: &Around<'_>,
        address: &Address,
        declared: &Declared,
        drafted: &draft::Drafted,
    ) {
        let ties = &drafted.wanted.ties;
        self.lacking.note(input, address, &ties.formulas);
        if !ties.ids.is_empty() {
            let step = drafted.step.as_ref();
            let found = raw_ids(input, address, declared, ties, step, &around.names);
            self.findings.extend(found.into_iter().collect());
        }
    }

    /// Says what the dialect has no things of; not of what something needs, and is not found: that
    /// is an error of its own.
    fn tell_unsaid(&mut self, lookups: &BTreeMap<Address, Finding>) {
        for (address, finding) in std::mem::take(&mut self.unsaid) {
            if !(lookups.contains_key(&address) && self.users.contains_key(&address)) {
                self.findings.push(finding);
            }
        }
    }

    fn leave(&mut self, leaving: Leaving) {
        self.lapsed.extend_from_slice(&leaving.lapsed);
        self.leaving = leaving;
    }

    /// All steps in order: those that make and change things, then those that end them.
    fn in_order(&mut self, input: &PlanInput<'_>) -> Vec<Step> {
        let mut steps = std::mem::take(&mut self.steps);
        let action = |address: &Address| steps.get(address).map(|step| step.action);
        let is_made =
            |address: &Address| matches!(action(address), Some(Action::Create | Action::Replace));
        let mut needs: BTreeMap<Address, Needs> = steps
            .keys()
            .map(|address| {
                let uses = self.needs.get(address).cloned().unwrap_or_default();
                let (made, settled): (BTreeSet<_>, _) = uses.into_iter().partition(is_made);
                let later = self.parts.later(address, &made);
                let needs = Needs {
                    made,
                    settled,
                    later,
                    replaced: action(address) == Some(Action::Replace),
                };
                (address.clone(), needs)
            })
            .collect();
        self.parts.wait_for_hooks(&steps, &mut needs);
        needs_of_demotions(input, &steps, &mut needs);
        let mut ordered = order(&needs);
        for cycle in ordered.cycles {
            self.findings.push(creation_cycle(input, &cycle));
        }
        let mut out = Vec::new();
        for (address, needs) in ordered.steps {
            if let Some(mut step) = steps.remove(&address) {
                step.depends_on = needs;
                if let Some(later) = ordered.later.remove(&address) {
                    let others = later.iter().cloned().collect();
                    step.reasons.push(Reason::FinishedAfter(others));
                    step.later = later;
                }
                out.push(step);
            }
        }
        out.extend(std::mem::take(&mut self.leaving).in_order(input, &out));
        out
    }
}

/// What the ledger knows of a thing, be it under the address that it had.
fn binding_of<'a>(
    input: &PlanInput<'a>,
    address: &Address,
    pairing: &Pairing,
) -> Option<&'a Binding> {
    let address = match pairing {
        Pairing::Renamed { id: _, from } => from,
        Pairing::Bound(_)
        | Pairing::Pinned(_)
        | Pairing::SameName(_)
        | Pairing::Vanished(_)
        | Pairing::New
        | Pairing::Blocked => address,
    };
    input.bindings.by_address.get(address)
}

fn creation_cycle(input: &PlanInput<'_>, cycle: &[Address]) -> Finding {
    let path: Vec<String> = cycle.iter().map(|address| format!("`{address}`")).collect();
    let message = format!("new things need each other's ids: {}", path.join(" -> "));
    let mut finding = Finding::new(&codes::CREATION_CYCLE, message)
        .help("apply one of them without its reference first");
    if let Some(address) = cycle.first() {
        finding = finding.about(address);
        if let Some(declared) = input.desired.things.get(address) {
            finding = finding.at(declared.place.clone());
        }
    }
    finding
}
