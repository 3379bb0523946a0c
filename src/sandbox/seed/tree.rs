//! The flow of an invented blueprint: modules in a row, and routes, branches, handlers and tools
//! below them, until the size is reached.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Value, json};

use super::blueprint::{Size, Start};
use super::dice::{chance, count, pick, weighted};
use super::form::{FORMS, Form, Role, SET_VARIABLE};
use super::module::{self, Filled, Style};
use super::reference::{Named, Pool, Sort, fits};
use super::trap::Trap;
use super::words;

/// One blueprint while its modules are made.
pub(super) struct Tree<'a> {
    rng: Rng,
    pool: &'a Pool,
    apps: Vec<String>,
    /// A scenario uses one connection to an app, not a new one in each module.
    cast: BTreeMap<(Sort, &'static str), Named>,
    style: Style,
    last_id: u64,
    first_id: u64,
    built: usize,
    /// Whether a handler stores incomplete executions, which the settings must allow.
    breaks: bool,
    /// What is still to be planted, and from which module on.
    traps: Vec<(usize, Trap)>,
}

impl<'a> Tree<'a> {
    /// A tree in which nothing stands yet.
    pub(super) fn new(mut rng: Rng, pool: &'a Pool, size: Size, traps: Vec<Trap>) -> Self {
        // In the first half, so that a later module can take what an earlier one has no place for.
        let half = size.modules.div_ceil(2);
        let traps = traps
            .into_iter()
            .map(|trap| (rng.usize(..half), trap))
            .collect();
        let style = Style {
            richness: size.richness,
            flat_restore: chance(&mut rng, 50),
        };
        let apps = choose_apps(&mut rng, pool, size.modules);
        Self {
            rng,
            pool,
            apps,
            cast: BTreeMap::new(),
            style,
            last_id: 0,
            first_id: 1,
            built: 0,
            breaks: false,
            traps,
        }
    }

    /// A flow of exactly so many modules, and exactly so deep if there are enough of them.
    pub(super) fn flow(
        &mut self,
        start: Option<&Start>,
        modules: usize,
        depth: usize,
        earlier: &mut Vec<u64>,
    ) -> Vec<Value> {
        let mut flow = Vec::with_capacity(modules);
        let mut left = modules;
        if let Some(start) = start {
            flow.push(self.first(start, earlier));
            left = left.saturating_sub(1);
        }
        if depth <= 1 || left < 2 {
            flow.extend((0..left).map(|_| self.action(earlier)));
            return flow;
        }
        // The container and the levels below it need one module each.
        let lead = self.rng.usize(..=left.saturating_sub(depth) / 2);
        flow.extend((0..lead).map(|_| self.action(earlier)));
        self.branch_out(&mut flow, left - lead, depth, earlier);
        flow
    }

    /// A module with flows of its own, and whatever can come after it.
    fn branch_out(
        &mut self,
        flow: &mut Vec<Value>,
        modules: usize,
        depth: usize,
        earlier: &mut Vec<u64>,
    ) {
        let inside = modules.saturating_sub(1);
        let agent = self
            .form(Role::Agent)
            .map(|form| (6, Container::Agent(form)));
        let kinds: Vec<_> = [
            (60, Container::Router),
            (12, Container::IfElse),
            (22, Container::Guarded),
        ]
        .into_iter()
        .chain(agent)
        .collect();
        match weighted(&mut self.rng, &kinds).unwrap_or(Container::Router) {
            Container::Router => flow.push(self.router(inside, depth, earlier)),
            Container::IfElse => flow.push(self.if_else(inside, depth, earlier)),
            Container::Guarded => {
                let mut guarded = self.action(earlier);
                let mut handlers = self.aside(inside, depth, earlier);
                let after = inside - handlers.modules;
                if let Some(last) = handlers.flow.last_mut().filter(|last| !has_flows(last)) {
                    *last = self.handler();
                }
                set(&mut guarded, "onerror", Value::Array(handlers.flow));
                flow.push(guarded);
                flow.extend(self.flow(None, after, 1, earlier));
            }
            Container::Agent(form) => {
                let mut agent = self.module(form, earlier);
                let tools = self.aside(inside, depth, earlier);
                let name = words::field_name(words::field_label(&mut self.rng));
                let description = words::sentence(&mut self.rng);
                let tool = json!({"name": name, "description": description, "flow": tools.flow});
                set(&mut agent, "tools", json!([tool]));
                flow.push(agent);
                flow.extend(self.flow(None, inside - tools.modules, 1, earlier));
            }
        }
    }

    /// A flow beside the main one, as deep as it must be and little longer.
    fn aside(&mut self, at_most: usize, depth: usize, earlier: &[u64]) -> Aside {
        let modules = self.rng.usize(depth - 1..=at_most.min(depth + 1));
        let flow = self.flow(None, modules, depth - 1, &mut earlier.to_vec());
        Aside { flow, modules }
    }

    fn router(&mut self, inside: usize, depth: usize, earlier: &[u64]) -> Value {
        let mut router = self.control("builtin:BasicRouter");
        if self.rng.bool() {
            set(&mut router, "parameters", json!({}));
        }
        set(&mut router, "mapper", Value::Null);
        let mut routes: Vec<Value> = self
            .split(inside, depth, earlier)
            .into_iter()
            .map(|flow| {
                let mut route = json!({"flow": flow});
                if chance(&mut self.rng, 40) {
                    set(&mut route, "disabled", json!(true));
                }
                route
            })
            .collect();
        self.rng.shuffle(&mut routes);
        if chance(&mut self.rng, 30) {
            routes.push(json!({"flow": []}));
        }
        set(&mut router, "routes", Value::Array(routes));
        router
    }

    fn if_else(&mut self, inside: usize, depth: usize, earlier: &[u64]) -> Value {
        let mut if_else = self.control("builtin:BasicIfElse");
        set(&mut if_else, "parameters", json!({}));
        set(&mut if_else, "mapper", Value::Null);
        let flows = self.split(inside, depth, earlier);
        let last = flows.len().saturating_sub(1);
        let branches: Vec<Value> = flows
            .into_iter()
            .enumerate()
            .map(|(index, flow)| {
                if index == last {
                    return json!({"type": "else", "label": "Else", "merge": false, "flow": flow});
                }
                let filter = module::filter(&mut self.rng, earlier);
                let conditions = filter.get("conditions").cloned().unwrap_or_default();
                json!({"type": "condition", "label": format!("Condition {}", index + 1),
                    "conditions": conditions, "merge": false, "flow": flow})
            })
            .collect();
        set(&mut if_else, "branches", Value::Array(branches));
        if_else
    }

    /// Two to four flows that share so many modules; the first is as deep as it must be.
    fn split(&mut self, modules: usize, depth: usize, earlier: &[u64]) -> Vec<Vec<Value>> {
        let deepest = depth - 1;
        let spare = modules.saturating_sub(deepest);
        let others = self.rng.usize(1..4).min(spare);
        let mut sizes = vec![1; others];
        sizes.insert(0, modules - others);
        // What the deepest flow can spare goes to the others, a module at a time.
        for _ in 0..spare.saturating_sub(others) * 2 / 3 {
            let to = self.rng.usize(..=others);
            if let [first, rest @ ..] = sizes.as_mut_slice()
                && let Some(size) = to.checked_sub(1).and_then(|to| rest.get_mut(to))
            {
                *first -= 1;
                *size += 1;
            }
        }
        sizes
            .into_iter()
            .enumerate()
            .map(|(index, size)| {
                let depth = if index == 0 {
                    deepest
                } else {
                    self.rng.usize(1..=deepest).min(size)
                };
                let mut flow = self.flow(None, size, depth, &mut earlier.to_vec());
                if let (Some(first), true) = (flow.first_mut(), chance(&mut self.rng, 600)) {
                    set(first, "filter", module::filter(&mut self.rng, earlier));
                }
                flow
            })
            .collect()
    }

    /// The first module, as the start demands.
    fn first(&mut self, start: &Start, earlier: &mut Vec<u64>) -> Value {
        let form = match start {
            Start::Hook(hook) => {
                let mut slots = FORMS
                    .iter()
                    .flat_map(|form| form.slots.iter().map(move |slot| (form, slot)));
                let fed = slots
                    .find(|(_, slot)| slot.sort == Sort::Hook && fits(&hook.type_name, slot.types));
                self.cast
                    .extend(fed.map(|(_, slot)| ((Sort::Hook, slot.types), hook.clone())));
                fed.map(|(form, _)| form)
            }
            Start::Polling => self.form(Role::Polling),
            Start::Called => self.form(Role::Called),
        };
        let mut first = self.module(form.unwrap_or(&SET_VARIABLE), earlier);
        match start {
            Start::Hook(_) => set(&mut first, "listener", json!(true)),
            Start::Called => {
                let amount = self.rng.usize(1..5);
                let inputs = module::specs(&mut self.rng, amount, 1);
                if let Some(metadata) = first.get_mut("metadata") {
                    set(metadata, "interface", Value::Array(inputs));
                }
            }
            Start::Polling => {}
        }
        self.first_id = self.last_id;
        first
    }

    fn action(&mut self, earlier: &mut Vec<u64>) -> Value {
        let form = self.form(Role::Action).unwrap_or(&SET_VARIABLE);
        let mut action = self.module(form, earlier);
        if chance(&mut self.rng, 70) {
            set(
                &mut action,
                "filter",
                module::filter(&mut self.rng, earlier),
            );
        }
        action
    }

    fn handler(&mut self) -> Value {
        let form = self.form(Role::Handler).unwrap_or(&SET_VARIABLE);
        self.breaks |= form.module == "builtin:Break";
        self.module(form, &mut Vec::new())
    }

    /// A module of the builtin app that only steers.
    fn control(&mut self, name: &str) -> Value {
        let id = self.next_id();
        self.built += 1;
        let designer = module::designer(&mut self.rng, self.built);
        json!({"id": id, "module": name, "version": 1, "metadata": {"designer": designer}})
    }

    /// A module of a form, with its ids filled in and the traps that are due planted.
    fn module(&mut self, form: &'static Form, earlier: &mut Vec<u64>) -> Value {
        let id = self.next_id();
        let filled = self.fill(form);
        let mut module = module::build(&mut self.rng, form, id, &filled, earlier, self.style);
        self.built += 1;
        earlier.push(id);
        let (rng, built, first_id) = (&mut self.rng, self.built, self.first_id);
        let mut untouched = true;
        self.traps.retain(|(from, trap)| {
            let due = *from < built && (untouched || !trap.strips());
            let planted = due && trap.plant(rng, &mut module, first_id);
            untouched &= !planted;
            !planted
        });
        Value::Object(module)
    }

    /// The things that a module of this form names.
    fn fill(&mut self, form: &Form) -> Vec<Filled> {
        let mut filled = Vec::with_capacity(form.slots.len());
        for slot in form.slots {
            let key = (slot.sort, slot.types);
            if slot.optional && chance(&mut self.rng, 500) {
                filled.push((*slot, None));
                continue;
            }
            if !self.cast.contains_key(&key) || chance(&mut self.rng, 40) {
                let chosen = self.pool.choose(&mut self.rng, slot.sort, slot.types);
                self.cast.extend(chosen.map(|named| (key, named.clone())));
            }
            filled.push((*slot, self.cast.get(&key).cloned()));
        }
        filled
    }

    /// A form of a role, among those that the account and this blueprint's apps can serve.
    fn form(&mut self, role: Role) -> Option<&'static Form> {
        let served: Vec<(u32, &'static Form)> = FORMS
            .iter()
            .filter(|form| form.role == role && self.serves(form))
            .map(|form| (form.weight, form))
            .collect();
        weighted(&mut self.rng, &served)
    }

    fn serves(&self, form: &Form) -> bool {
        form.slots
            .iter()
            .filter(|slot| !slot.optional)
            .all(|slot| match slot.sort {
                Sort::Connection => self.apps.iter().any(|app| fits(app, slot.types)),
                Sort::Key => self
                    .pool
                    .keys
                    .iter()
                    .any(|key| fits(&key.type_name, slot.types)),
                Sort::DataStore => !self.pool.data_stores.is_empty(),
                Sort::DataStructure => !self.pool.data_structures.is_empty(),
                Sort::Scenario => !self.pool.scenarios.is_empty(),
                Sort::Hook => false,
            })
    }

    /// Ids rise, with gaps where a module was deleted.
    fn next_id(&mut self) -> u64 {
        self.last_id += if chance(&mut self.rng, 150) {
            self.rng.u64(2..9)
        } else {
            1
        };
        self.last_id
    }

    /// Inputs and outputs as some exports hold them, with a connection that is chosen at each run.
    pub(super) fn io(&mut self, flow: &mut [Value]) -> Option<Value> {
        if !chance(&mut self.rng, 70) {
            return None;
        }
        let dynamic = chance(&mut self.rng, 150);
        let connection = dynamic
            .then(|| flow.iter_mut().find_map(make_dynamic))
            .flatten();
        let inputs: Vec<Value> = connection
            .into_iter()
            .map(|(id, tag)| json!({"name": "Account", "type": tag, "label": "Account", "default": id}))
            .collect();
        Some(json!({"input_spec": inputs, "output_spec": []}))
    }

    pub(super) fn metadata(&mut self, start: &Start, earlier: &[u64]) -> Value {
        let notes = self.notes(earlier);
        let orphans = if chance(&mut self.rng, 20) {
            let count = self.rng.usize(1..3);
            vec![Value::Array(
                (0..count).map(|_| self.action(&mut Vec::new())).collect(),
            )]
        } else {
            Vec::new()
        };
        let rng = &mut self.rng;
        json!({
            "instant": matches!(start, Start::Hook(_)),
            "version": 1,
            "scenario": {
                "roundtrips": if chance(rng, 60) { rng.u32(2..100) } else { 1 },
                "maxErrors": if chance(rng, 80) { rng.u32(5..20) } else { 3 },
                "autoCommit": !chance(rng, 40),
                "autoCommitTriggerLast": true,
                "sequential": chance(rng, 150),
                "slots": null,
                "confidential": chance(rng, 40),
                "dataloss": chance(rng, 50),
                "dlq": self.breaks || chance(rng, 250),
                "freshVariables": chance(rng, 30),
            },
            "designer": {"orphans": orphans},
            "zone": pick(rng, &["eu1.make.com", "eu2.make.com", "us1.make.com"]),
            "notes": notes,
        })
    }

    /// Notes on the canvas; they also take the texts for which no module had a place.
    fn notes(&mut self, earlier: &[u64]) -> Vec<Value> {
        let mut texts: Vec<String> = self
            .traps
            .iter()
            .filter_map(|(_, trap)| trap.text(&mut self.rng))
            .collect();
        if chance(&mut self.rng, 120) {
            texts.push(words::paragraph(&mut self.rng, 2));
        }
        texts
            .into_iter()
            .map(|text| {
                let about: Vec<u64> = self.rng.choice(earlier).copied().into_iter().collect();
                json!({"moduleIds": about, "content": text, "isFilterNote": false,
                    "metadata": {"color": "#9138FE"}})
            })
            .collect()
    }
}

/// What holds flows of its own.
#[derive(Clone, Copy)]
enum Container {
    Router,
    IfElse,
    /// A module with an error handler.
    Guarded,
    /// A module with tools.
    Agent(&'static Form),
}

/// A flow beside the main one, and how many modules it has on all its levels.
struct Aside {
    flow: Vec<Value>,
    modules: usize,
}

fn has_flows(module: &Value) -> bool {
    ["routes", "branches", "tools", "onerror"]
        .iter()
        .any(|key| module.get(key).is_some())
}

fn set(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

/// Takes the connection out of a module and has it named by the run's input instead.
fn make_dynamic(module: &mut Value) -> Option<(Value, Value)> {
    let tag = module.pointer("/metadata/parameters/0/type")?.clone();
    let connection = module.pointer_mut("/parameters/__IMTCONN__")?;
    Some((
        std::mem::replace(connection, json!("{{var.input.Account}}")),
        tag,
    ))
}

/// The apps whose connections one blueprint uses: most scenarios join two or three apps.
fn choose_apps(rng: &mut Rng, pool: &Pool, modules: usize) -> Vec<String> {
    let mut types: Vec<String> = pool
        .connections
        .iter()
        .map(|c| c.type_name.clone())
        .collect();
    types.sort_unstable();
    types.dedup();
    rng.shuffle(&mut types);
    let most = count(
        rng,
        &[(0.0, 0.6), (0.3, 1.5), (0.7, 2.5), (0.95, 4.5), (1.0, 9.0)],
    );
    types.truncate(most.max(modules / 12));
    types
}
