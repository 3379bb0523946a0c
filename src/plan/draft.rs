//! One thing: what is, what is wanted, and the step between the two.

use serde_json::Value;

use super::{
    Action, Decided, EditorDifference, Reason, Shown, Sign, Step,
    comparable::remembered,
    completion::keep_unmanaged,
    credentials::{is_guarded, told_alone},
    defaults::{fixed_fields, once_fields},
    diff::{self, Compared, Values},
    diff_value::{Around, Sides},
    editor::digest_of_editor,
    hide::hide,
    merge::{counterpart, keep_ignored},
    normalize::{Context, Drawn, draw, draw_live_beside},
    pair::Pairing,
};
use crate::{
    diagnostic::{Finding, codes::plan as codes},
    model::{
        Address, Binding, Declared, Dialect, HealthRule, Kind, Live, Mark, PackedJson, Path, Spec,
        blueprint::lay_out, spec::ScheduleUse, values_equal,
    },
};

/// What is drafted from.
pub(super) struct Draft<'a> {
    pub(super) address: &'a Address,
    pub(super) declared: &'a Declared,
    pub(super) pairing: &'a Pairing,
    pub(super) live: Option<&'a Live>,
    pub(super) binding: Option<&'a Binding>,
    pub(super) context: Context<'a>,
    pub(super) around: &'a Around<'a>,
    /// Whether the editor's part is applied where it alone differs.
    pub(super) editor: bool,
}

/// What becomes of a thing.
pub(super) struct Drafted {
    /// The step; none where all is as it should be.
    pub(super) step: Option<Step>,
    /// What the ledger is to remember.
    pub(super) remembered: PackedJson,
    /// Where the editor's part alone differs, if that is left as it is..
    pub(super) editor_left: Option<EditorDifference>,
    /// ..and the digest of the wanted one, if it is applied.
    pub(super) editor_applied: Option<String>,
    /// The wanted form: symbols for the digest, things it names, references that lead nowhere.
    pub(super) wanted: Drawn,
}

impl Draft<'_> {
    /// Drafts the step of a wanted thing.
    pub(super) fn wanted(&self) -> Result<Drafted, Box<Finding>> {
        let mut wanted = draw(&self.declared.spec, self.context).map_err(|_| self.unread())?;
        self.around.secrets.mark(&mut wanted);
        let remembered = PackedJson::from(remembered(&wanted));
        let mut editor = EditorDifference::default();
        let step = match self.live {
            Some(live) => self.changed(&mut wanted, live, &remembered, &mut editor)?,
            None => Some(self.created(&mut wanted, &remembered)?),
        };
        let mut drafted = Drafted {
            step,
            remembered,
            editor_left: None,
            editor_applied: None,
            wanted,
        };
        if editor.is_none() {
            return Ok(drafted);
        }
        let sends = drafted
            .step
            .as_ref()
            .is_some_and(|step| !step.sends_nothing());
        match (self.editor, sends) {
            (true, _) => {
                let spec = self.declared.spec.as_scenario();
                let blueprint = spec.and_then(|spec| spec.blueprint.as_set());
                drafted.editor_applied =
                    blueprint.and_then(|blueprint| digest_of_editor(blueprint, self.around));
            }
            (false, false) => drafted.editor_left = Some(editor),
            (false, true) => {}
        }
        Ok(drafted)
    }

    fn created(&self, wanted: &mut Drawn, remembered: &PackedJson) -> Result<Step, Box<Finding>> {
        if wanted.document.as_mut().is_some_and(lay_out) {
            wanted.packed = None;
        }
        let reason = match self.pairing {
            Pairing::Vanished(id) => Reason::Vanished(id.clone()),
            Pairing::Bound(_)
            | Pairing::Pinned(_)
            | Pairing::SameName(_)
            | Pairing::Renamed { .. }
            | Pairing::New
            | Pairing::Blocked => Reason::NotFound,
        };
        let nothing = Drawn::default();
        let sides = self.sides(&nothing, wanted);
        let base = match self.pairing {
            Pairing::Vanished(_) => self.base()?,
            Pairing::Bound(_)
            | Pairing::Pinned(_)
            | Pairing::SameName(_)
            | Pairing::Renamed { .. }
            | Pairing::New
            | Pairing::Blocked => None,
        };
        let mut changes = diff::whole(sides, values(wanted), Sign::Add, base.as_ref());
        if self.address.kind == Kind::Webhook {
            changes.push(diff::coming_url());
        }
        let mut reasons = vec![reason];
        if self.starts_and_runs(None, wanted) {
            reasons.push(Reason::StartRuns);
        }
        Ok(Step {
            reasons,
            changes,
            after: Some(wanted.form()),
            ..self.step(Action::Create, remembered)
        })
    }

    fn changed(
        &self,
        wanted: &mut Drawn,
        live: &Live,
        remembered: &PackedJson,
        editor: &mut EditorDifference,
    ) -> Result<Option<Step>, Box<Finding>> {
        recognise(wanted, live);
        let mut before = draw_live_beside(live, wanted).map_err(|_| self.unread())?;
        for field in once_fields(self.address.kind) {
            wanted.fields.remove(*field);
        }
        if !before.fields.contains_key("email") {
            // Whom an invitation went to, the account may not say; the ledger does.
            wanted.fields.remove("email");
        }
        if live.facts.unlisted && !before.fields.contains_key("role") {
            // It is that of the invitation.
            wanted.fields.remove("role");
        }
        let base = self.base()?;
        let base = base.as_ref();
        hide(&mut before, live, base, &self.around.secrets);
        let mut reasons = self.gone(wanted, &before, base);
        let whole = told_alone(wanted, &before, base);
        let dialect = self.context.dialect;
        let ignored = &self.declared.lifecycle.ignore_changes;
        if let Some(field) = replacing(dialect, self.address.kind, &before, wanted, ignored) {
            if field != "type" {
                keep_ignored(wanted, &before, ignored);
                let is_said = wanted.fields.contains_key("security");
                if dialect == Dialect::Unified && is_guarded(&before) && !is_said {
                    return Err(self.unknown_credentials(field));
                }
                keep_unmanaged(wanted, &before);
            }
            let mut step = self.replaced(before, wanted, field, base, remembered);
            if let (Some(after), Some(whole)) = (&mut step.after, whole) {
                after.set("security", whole);
            }
            return Ok(Some(step));
        }
        let same_blueprint = self.fill(wanted, &before, editor)?;
        hide_alike(&mut before, wanted);

        let (mut old, mut new) = (values(&before), values(wanted));
        if same_blueprint {
            (old.document, new.document) = (None, None);
        }
        let compared = diff::compare(self.sides(&before, wanted), old, new, base);
        let Compared {
            mut changes,
            mut fields,
            unchanged,
        } = compared;
        if self.editor && !editor.is_none() {
            changes.push(editor.change());
            fields.push("editor".to_owned());
        }
        let adoption = self.adoption();
        let owes = self.binding.filter(|binding| binding.id == live.id);
        let owes = owes.is_some_and(|binding| binding.unchecked.is_some());
        if changes.is_empty() && adoption.is_none() && !owes {
            return Ok(None);
        }
        if owes {
            reasons.push(Reason::Unchecked);
        }
        let action = if adoption.is_some() {
            Action::Adopt
        } else {
            Action::Update
        };
        if self.starts_and_runs(Some(&before), wanted) {
            reasons.push(Reason::StartRuns);
        }
        if fields.iter().any(|field| field == "schedule")
            && let Some(address) = shared_schedule(&self.declared.spec)
        {
            reasons.insert(0, Reason::ScheduleChanged(address.clone()));
        }
        if !fields.is_empty() {
            reasons.insert(0, Reason::FieldsDiffer(fields));
        }
        reasons.splice(0..0, adoption);
        Ok(Some(Step {
            id: Some(live.id.clone()),
            reasons,
            changes,
            unchanged: unchanged + usize::from(same_blueprint),
            before: Some(before.into_form()),
            after: Some(wanted.form()),
            ..self.step(action, remembered)
        }))
    }

    fn replaced(
        &self,
        before: Drawn,
        wanted: &Drawn,
        field: &'static str,
        base: Option<&Value>,
        remembered: &PackedJson,
    ) -> Step {
        let sides = self.sides(&before, wanted);
        let mut compared = diff::compare(sides, values(&before), values(wanted), base);
        let mut changed_url = diff::coming_url();
        changed_url.difference = super::Difference::Changed(Shown::Sensitive, Shown::Unknown(None));
        if self.address.kind == Kind::Webhook {
            compared.changes.push(changed_url);
        }
        let mut reasons = vec![Reason::ReplacedBecause(field.to_owned())];
        reasons.extend(self.adoption());
        Step {
            id: self.pairing.id().cloned(),
            reasons,
            changes: compared.changes,
            unchanged: compared.unchanged,
            before: Some(before.into_form()),
            after: Some(wanted.form()),
            ..self.step(Action::Replace, remembered)
        }
    }

    /// Why an object that is nobody's is taken over.
    fn adoption(&self) -> Option<Reason> {
        match self.pairing {
            Pairing::SameName(_) => Some(Reason::SameName),
            Pairing::Pinned(_) => Some(Reason::Pinned),
            Pairing::Bound(_)
            | Pairing::Renamed { .. }
            | Pairing::Vanished(_)
            | Pairing::New
            | Pairing::Blocked => None,
        }
    }

    fn step(&self, action: Action, remembered: &PackedJson) -> Step {
        Step {
            address: self.address.clone(),
            action,
            id: None,
            reasons: Vec::new(),
            changes: Vec::new(),
            unchanged: 0,
            upcoming: None,
            depends_on: std::collections::BTreeSet::new(),
            later: std::collections::BTreeSet::new(),
            before: None,
            after: None,
            remembered: Some(remembered.clone()),
            prevent_destroy: self.declared.lifecycle.prevent_destroy,
            releases: false,
            health: HealthRule::default(),
            place: Some(self.declared.place.clone()),
            edited: self.live.and_then(|live| live.facts.edited()),
            decided: Decided::default(),
        }
    }

    /// The form last applied.
    fn base(&self) -> Result<Option<Value>, Box<Finding>> {
        let form = self.binding.and_then(|binding| binding.form.as_ref());
        let document = form.map(PackedJson::document).transpose();
        document.map_err(|_| self.unread())
    }

    fn sides<'s>(&'s self, before: &'s Drawn, after: &'s Drawn) -> Sides<'s> {
        Sides {
            before: &before.marks,
            after: &after.marks,
            around: self.around,
        }
    }

    fn unknown_credentials(&self, field: &str) -> Box<Finding> {
        let message = format!(
            "`{field}` can only be changed by making it anew, and nobody knows the credentials that \
             guard it"
        );
        let finding = Finding::new(&codes::CREDENTIALS_UNKNOWN, message)
            .about(self.address)
            .at(self.declared.place.clone());
        Box::new(finding.help("say `security` in its manifest"))
    }

    /// Whether switching the scenario on runs it at once: Make does so at regular intervals,
    /// which the other dialect does not have.
    fn starts_and_runs(&self, before: Option<&Drawn>, wanted: &Drawn) -> bool {
        self.context.dialect == Dialect::Zone && starts_and_runs(before, wanted)
    }

    pub(super) fn unread(&self) -> Box<Finding> {
        let finding = Finding::new(
            &codes::UNREAD_BLUEPRINT,
            "its blueprint could not be read, so nobody knows what would change",
        )
        .about(self.address)
        .at(self.declared.place.clone());
        Box::new(finding)
    }
}

/// Finds the live blueprint to be the wanted one, references resolved: then neither is unpacked,
/// packed or compared.
fn recognise(wanted: &mut Drawn, live: &Live) {
    let blueprint = live.spec.as_scenario();
    let blueprint = blueprint.and_then(|spec| spec.blueprint.as_set());
    if let (None, Some(document), Some(blueprint)) = (&wanted.packed, &wanted.document, blueprint)
        && blueprint.is_of(document)
    {
        wanted.packed = Some(blueprint.clone());
    }
}

/// What is compared of a drawn spec.
pub(super) fn values(drawn: &Drawn) -> Values<'_> {
    Values {
        fields: &drawn.fields,
        document: drawn.document.as_ref(),
    }
}

/// A field that can't be changed in place, and differs.
fn replacing(
    dialect: Dialect,
    kind: Kind,
    before: &Drawn,
    after: &Drawn,
    ignored: &[Path],
) -> Option<&'static str> {
    let is_ignored = |field: &str| ignored.iter().any(|path| path.as_slice() == [field]);
    let fixed = fixed_fields(dialect, kind).iter().copied();
    let mut fixed = fixed.filter(|field| !is_ignored(field));
    fixed.find(
        |field| match (before.fields.get(*field), after.fields.get(*field)) {
            (Some(before), Some(after)) => !values_equal(before, after),
            (None, Some(after)) => !after.is_null(),
            (_, None) => false,
        },
    )
}

/// Where the wanted value is sensitive, so is the live one in its place.
fn hide_alike(before: &mut Drawn, wanted: &Drawn) {
    let sensitive = |mark: &&Mark| matches!(mark, Mark::Sensitive(_));
    for (path, mark) in wanted.marks.iter().filter(|(_, mark)| sensitive(mark)) {
        let path = match (path.split_first(), &wanted.document, &before.document) {
            (Some((head, rest)), Some(from), Some(to)) if head == "blueprint" => {
                let path = counterpart(rest, from, to);
                std::iter::once(head.clone()).chain(path).collect()
            }
            _ => path.clone(),
        };
        before.marks.entry(path).or_insert_with(|| mark.clone());
    }
}

/// Whether switching the scenario on runs it at once: Make does so at regular intervals.
fn starts_and_runs(before: Option<&Drawn>, wanted: &Drawn) -> bool {
    let active = |drawn: &Drawn| drawn.fields.get("active").and_then(Value::as_bool);
    let schedule = wanted.fields.get("schedule");
    let at_intervals = schedule
        .and_then(|schedule| schedule.get("type"))
        .and_then(Value::as_str)
        == Some("indefinitely");
    at_intervals && active(wanted) == Some(true) && before.and_then(active) != Some(true)
}

fn shared_schedule(spec: &Spec) -> Option<&Address> {
    match spec.as_scenario()?.schedule.as_set() {
        Some(ScheduleUse::Shared(address)) => Some(address),
        Some(ScheduleUse::Inline(_)) | None => None,
    }
}
