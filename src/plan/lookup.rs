//! Connections, keys, devices and agents: looked up in the account by name and type.

use std::collections::{BTreeMap, BTreeSet};

use super::{input::PlanInput, pair::ids_of, unsaid::unlisted};
use crate::{
    diagnostic::{Code, Finding, codes::plan as codes},
    model::{
        Address, Kind, Live, Pin, Reading, RemoteId,
        blueprint::id_places,
        reference::{Reference, Template},
        spec::LookedSpec,
    },
};

/// The id of what a manifest looks up. A pin is the id itself, or another name.
pub(super) fn looked_up(
    input: &PlanInput<'_>,
    address: &Address,
    spec: &LookedSpec,
) -> Result<RemoteId, Box<Finding>> {
    let kind = address.kind;
    let dialect = input.snapshot.account.dialect;
    let pin = input.desired.pins.get(address);
    let name = match pin {
        Some(pin) => match pinned(input, kind, pin) {
            Pinned::Id => return Ok(pin.id.clone()),
            Pinned::Missing(finding) => return Err(finding),
            Pinned::Name(name) => name,
        },
        None if !dialect.has(kind) => return Err(Box::new(unlisted(dialect, address))),
        None => spec.name.as_str(),
    };
    by_name(input, address, name, &spec.types).map_err(|mut finding| {
        if let Some(pin) = pin {
            finding.place = Some(pin.place.clone());
        }
        finding
    })
}

/// What a pin of something that is looked up says.
enum Pinned<'p> {
    /// Its id.
    Id,
    /// What it is called in this account.
    Name(&'p str),
    /// Nothing that is there.
    Missing(Box<Finding>),
}

fn pinned<'p>(input: &PlanInput<'_>, kind: Kind, pin: &'p Pin) -> Pinned<'p> {
    let has = input.snapshot.account.dialect.has(kind);
    if !has || input.snapshot.get(kind, &pin.id).is_some() {
        return Pinned::Id;
    }
    if let RemoteId::Text(text) = &pin.id {
        let mut listed = input.snapshot.of(kind);
        let is_name = listed.any(|live| live.spec.as_looked().is_some_and(|it| it.name == *text));
        // No API lists AI agents: of those an id is taken as it is.
        return match kind != Kind::Agent || is_name {
            true => Pinned::Name(text),
            false => Pinned::Id,
        };
    }
    let what = kind.prefix();
    let finding = unread(input, kind, &format!("the {what} {}", pin.id)).unwrap_or_else(|| {
        let message = format!("the account has no {what} {}", pin.id);
        Finding::new(&codes::PIN_NOT_FOUND, message)
    });
    Pinned::Missing(Box::new(finding.at(pin.place.clone())))
}

/// The one thing of a name and of any of some types; of any type, where none is said.
pub(super) fn by_name(
    input: &PlanInput<'_>,
    address: &Address,
    name: &str,
    types: &[String],
) -> Result<RemoteId, Box<Finding>> {
    let kind = address.kind;
    let what = kind.prefix();
    let fits = |live: &&Live| {
        live.spec.as_looked().is_some_and(|live| {
            live.name == *name
                && (types.is_empty() || types.iter().any(|kind| live.types.contains(kind)))
        })
    };
    let found: Vec<&Live> = input.snapshot.of(kind).filter(fits).collect();
    let of_type = match types {
        [] => String::new(),
        types => format!(" of type `{}`", types.join("` or `")),
    };
    let code = lookup_code(kind);
    let target = &input.target.name;
    match found.as_slice() {
        [live] => Ok(live.id.clone()),
        [] => {
            let thing = format!("the {what}{of_type} named `{name}`");
            if let Some(finding) = unread(input, kind, &thing) {
                return Err(Box::new(finding));
            }
            let message = format!("the account has no {what}{of_type} named `{name}`");
            let help = match kind == Kind::Agent {
                true => "write its id into makeform.ids.yaml: AI agents are in no list".to_owned(),
                false => format!(
                    "create it in Make under exactly this name; or name another one at target \
                     `{target}` of makeform.yaml: `map: {{ {address}: NAME }}`"
                ),
            };
            let finding = Finding::new(code, message);
            Err(Box::new(finding.help(help)))
        }
        several => {
            let ids = ids_of(several.iter().map(|live| &live.id));
            let message = format!("the account has several {what}s{of_type} named `{name}`: {ids}");
            let help = format!(
                "give all but one another name in Make; or say which at target `{target}` of \
                 makeform.yaml: `map: {{ {address}: ID }}`"
            );
            Err(Box::new(Finding::new(code, message).help(help)))
        }
    }
}

/// The types that would do as well: those that all fields of the project's blueprints take which
/// name the thing. Make's editor says so beside a field: `account:smtp,google-restricted`.
pub(super) fn alternatives(
    input: &PlanInput<'_>,
    wanted: &BTreeSet<Address>,
) -> BTreeMap<Address, BTreeSet<String>> {
    let mut found: BTreeMap<Address, BTreeSet<String>> = BTreeMap::new();
    let specs = input.desired.things.values();
    let blueprints = specs.filter_map(|declared| declared.spec.as_scenario()?.blueprint.as_set());
    for blueprint in blueprints.filter(|blueprint| blueprint.has_references()) {
        let Ok(document) = blueprint.document() else {
            continue;
        };
        for place in id_places(&document) {
            let template = place
                .value
                .as_str()
                .map(Template::parse)
                .unwrap_or_default();
            let Some(Reference::Thing { address, .. }) = template.single() else {
                continue;
            };
            if place.types.is_empty() || !wanted.contains(address) {
                continue;
            }
            let types: BTreeSet<String> = place.types.iter().map(ToString::to_string).collect();
            match found.get_mut(address) {
                Some(all) => all.retain(|known| types.contains(known)),
                None => drop(found.insert(address.clone(), types)),
            }
        }
    }
    found
}

/// That something can't be looked up, where the list that it would stand in was not read.
fn unread(input: &PlanInput<'_>, kind: Kind, thing: &str) -> Option<Finding> {
    let Some(Reading::Partial(why)) = input.snapshot.reading.get(&kind) else {
        return None;
    };
    let message = format!("{thing} can't be looked up: {}", why.why);
    let usually = why.usually.clone();
    let help = usually.unwrap_or_else(|| format!("use a token that may read {}s", kind.prefix()));
    Some(Finding::new(lookup_code(kind), message).help(help))
}

/// The code of what is looked up in vain.
pub(super) fn lookup_code(kind: Kind) -> &'static Code {
    match kind {
        Kind::Connection => &codes::CONNECTION_NOT_FOUND,
        Kind::Agent
        | Kind::DataStore
        | Kind::DataStructure
        | Kind::Device
        | Kind::Folder
        | Kind::Key
        | Kind::OrganizationRole
        | Kind::Scenario
        | Kind::Schedule
        | Kind::Team
        | Kind::TeamRole
        | Kind::Variable
        | Kind::Webhook => &codes::LOOKUP_FAILED,
    }
}
