//! What the manifests of the machine ask for, as a value that can be edited and compared.

use std::{collections::BTreeMap, fmt::Write as _};

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sort {
    Folder,
    Webhook,
    Scenario,
}

/// A thing that manifests declare. What its sort does not have is left out.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Thing {
    pub(super) sort: Sort,
    /// What Make shows.
    pub(super) title: String,
    /// When it was added.
    pub(super) serial: u32,
    /// Something in its blueprint.
    pub(super) text: u32,
    pub(super) active: bool,
    /// How often it runs, where no webhook starts it.
    pub(super) minutes: u32,
    pub(super) folder: Option<String>,
    pub(super) hook: Option<String>,
    /// The scenario that it calls.
    pub(super) callee: Option<String>,
}

/// What the manifests say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Manifests {
    /// Things by their names, which are unique over all sorts.
    pub(super) things: BTreeMap<String, Thing>,
    /// The old and the new address of what has moved, in chains.
    moved: Vec<(String, String)>,
}

impl Sort {
    fn kind(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::Webhook => "Webhook",
            Self::Scenario => "Scenario",
        }
    }
}

impl Thing {
    pub(super) fn new(sort: Sort, number: u32) -> Self {
        Self {
            sort,
            title: format!("{} {number}", sort.kind()),
            serial: number,
            text: number,
            active: false,
            minutes: 15,
            folder: None,
            hook: None,
            callee: None,
        }
    }

    fn address(&self, name: &str) -> String {
        let kind = self.sort.kind().to_lowercase();
        format!("{kind}.{name}")
    }
}

impl Manifests {
    /// The names of a sort.
    pub(super) fn of(&self, sort: Sort) -> Vec<&str> {
        let things = self.things.iter().filter(|(_, thing)| thing.sort == sort);
        things.map(|(name, _)| name.as_str()).collect()
    }

    /// Takes a thing away, and with it what names it.
    pub(super) fn remove(&mut self, name: &str) {
        if let Some(thing) = self.things.remove(name) {
            let mut address = thing.address(name);
            while let Some(at) = self.moved.iter().position(|(_, to)| *to == address) {
                address = self.moved.remove(at).0;
            }
        }
        self.rename_in_references(name, None);
    }

    /// Gives a thing another address.
    pub(super) fn readdress(&mut self, name: &str, new: &str) {
        if let Some(thing) = self.things.remove(name) {
            self.moved.push((thing.address(name), thing.address(new)));
            self.things.insert(new.to_owned(), thing);
            self.rename_in_references(name, Some(new));
        }
    }

    fn rename_in_references(&mut self, name: &str, new: Option<&str>) {
        for thing in self.things.values_mut() {
            for named in [&mut thing.folder, &mut thing.hook, &mut thing.callee] {
                if named.as_deref() == Some(name) {
                    *named = new.map(str::to_owned);
                }
            }
        }
    }

    /// The same, and no webhook starts anything.
    pub(super) fn without_hooks(&self) -> Self {
        let mut manifests = self.clone();
        manifests
            .things
            .values_mut()
            .for_each(|thing| thing.hook = None);
        manifests
    }

    /// A webhook that starts no scenario yet.
    pub(super) fn free_hook(&self) -> Option<&str> {
        let is_free = |name: &&str| {
            let mut things = self.things.values();
            !things.any(|thing| thing.hook.as_deref() == Some(*name))
        };
        self.of(Sort::Webhook).into_iter().find(is_free)
    }

    /// The file.
    pub(super) fn yaml(&self) -> String {
        let mut text = String::new();
        for (name, thing) in &self.things {
            let kind = thing.sort.kind();
            let title = &thing.title;
            let head = format!(
                "---\napiVersion: makeform/v1\nkind: {kind}\nmetadata: {{ name: {name} }}\nspec:\n  name: \"{title}\"\n"
            );
            text.push_str(&head);
            match thing.sort {
                Sort::Folder => {}
                Sort::Webhook => text.push_str("  type: custom\n"),
                Sort::Scenario => thing.scenario(&mut text),
            }
        }
        if !self.moved.is_empty() {
            text.push_str("---\napiVersion: makeform/v1\nmoved:\n");
        }
        for (from, to) in &self.moved {
            let _ = writeln!(text, "  - {{ from: {from}, to: {to} }}");
        }
        text
    }
}

impl Thing {
    fn scenario(&self, text: &mut String) {
        let folder = match &self.folder {
            Some(folder) => format!("folder.{folder}"),
            None => "null".to_owned(),
        };
        let active = self.active;
        let schedule = match &self.hook {
            Some(_) => "immediately: true".to_owned(),
            None => format!("every: {}m", self.minutes),
        };
        let mut flow = Vec::new();
        if let Some(hook) = &self.hook {
            flow.push(format!(
                r#"{{ id: 1, module: "gateway:CustomWebHook", version: 1, parameters: {{ hook: "${{webhook.{hook}}}" }} }}"#
            ));
        }
        let number = self.text;
        flow.push(format!(
            r#"{{ id: 2, module: "util:SetVariable", version: 1, mapper: {{ name: n, value: "{number}" }} }}"#
        ));
        if let Some(callee) = &self.callee {
            flow.push(format!(
                r#"{{ id: 3, module: "scenario-service:CallSubscenario", version: 1, parameters: {{}}, mapper: {{ scenarioId: "${{scenario.{callee}}}" }} }}"#
            ));
        }
        let _ = write!(
            text,
            "  folder: {folder}\n  description: \"about {number}\"\n  active: {active}\n  schedule: {{ {schedule} }}\n  blueprint:\n    flow:\n"
        );
        for module in flow {
            let _ = writeln!(text, "      - {module}");
        }
        text.push_str("    metadata: { version: 1 }\n");
    }
}
