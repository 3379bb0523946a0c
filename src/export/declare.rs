//! One object of the account as its manifest would declare it.

use std::{collections::BTreeMap, path::Path};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{
    environment::Environment,
    known::Known,
    name::Names,
    personal::without_addresses,
    place::nowhere,
    references::{refer, refer_inputs, to_address},
    secrets::suspects,
    urls::HookUrls,
};
use crate::{
    diagnostic::{Finding, Report, codes::export as codes},
    model::{
        Address, Blueprint, Declared, Field, Kind, Lifecycle, Live, Spec, UnpackError,
        reference::Template,
        spec::{
            DataStoreSpec, DataStructureSpec, FolderSpec, Interface, ScenarioSpec, ScheduleUse,
            Security, Settings, TeamSpec, VariableSpec, WebhookSpec, normal_fields, schedule::When,
        },
    },
};

/// What a webhook's manifest says itself, so that no field of an app can have that name there.
const TAKEN: [&str; 14] = [
    "name",
    "type",
    "connection",
    "enabled",
    "headers",
    "method",
    "stringify",
    "ip",
    "dataStructure",
    "security",
    "hookType",
    "scenario",
    "team",
    "lifecycle",
];

/// The consecutive errors before Make switches a scenario off, where nobody says another number.
const MAX_ERRORS: u64 = 3;

/// What declaring one thing needs to know of the others.
pub(super) struct Declaring<'a> {
    /// The addresses of all things.
    pub(super) names: &'a Names,
    /// The URLs that no file should hold.
    pub(super) urls: &'a HookUrls<'a>,
    /// The values that are written as references.
    pub(super) environment: &'a Environment<'a>,
    /// What the project has already.
    pub(super) known: &'a Known,
    /// Whether secrets are written as they are.
    pub(super) keep_secrets: bool,
    /// Whether e-mail addresses are taken out of what only the editor needs.
    pub(super) no_personal_data: bool,
    /// Where findings go.
    pub(super) report: &'a mut Report,
}

/// Declares an object under an address, in a file; `None`, with a finding, if not enough of it
/// was read.
pub(super) fn declare(
    live: &Live,
    address: &Address,
    path: &Path,
    declaring: &mut Declaring<'_>,
) -> Option<Declared> {
    let spec = match &live.spec {
        Spec::Folder(spec) => Spec::Folder(folder(spec, address, declaring)),
        Spec::Scenario(spec) => Spec::Scenario(Box::new(scenario(spec, address, declaring)?)),
        Spec::Webhook(spec) => Spec::Webhook(webhook(live, spec, address, declaring)?),
        Spec::DataStore(spec) => Spec::DataStore(data_store(spec, address, declaring)),
        Spec::DataStructure(spec) => {
            Spec::DataStructure(data_structure(spec, address, declaring)?)
        }
        Spec::Team(spec) => Spec::Team(TeamSpec {
            name: spec.name.clone(),
            operations_limit: said(spec.operations_limit.clone()),
        }),
        Spec::Variable(spec) => Spec::Variable(variable(spec, address, declaring)?),
        plain @ (Spec::Agent(_)
        | Spec::Connection(_)
        | Spec::Device(_)
        | Spec::Key(_)
        | Spec::OrganizationRole(_)
        | Spec::Schedule(_)
        // What is found as it is declared needs no other words.
        | Spec::TeamRole(_)) => declaring.known.looked(address).unwrap_or_else(|| plain.clone()),
    };
    Some(Declared {
        spec,
        lifecycle: Lifecycle::default(),
        place: nowhere(&path.to_string_lossy()),
        places: BTreeMap::new(),
    })
}

fn folder(spec: &FolderSpec, address: &Address, declaring: &mut Declaring<'_>) -> FolderSpec {
    let FolderSpec { name, parent } = spec;
    let Declaring { names, report, .. } = declaring;
    FolderSpec {
        name: name.clone(),
        // The top level goes without saying.
        parent: said(to_address(parent, Kind::Folder, address, names, report)),
    }
}

fn data_store(
    spec: &DataStoreSpec,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> DataStoreSpec {
    let DataStoreSpec {
        name,
        data_structure,
        max_size_mb,
    } = spec;
    let Declaring { names, report, .. } = declaring;
    let kind = Kind::DataStructure;
    DataStoreSpec {
        name: name.clone(),
        data_structure: said(to_address(data_structure, kind, address, names, report)),
        max_size_mb: said(max_size_mb.clone()),
    }
}

fn data_structure(
    spec: &DataStructureSpec,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> Option<DataStructureSpec> {
    let DataStructureSpec {
        name,
        strict,
        fields,
    } = spec;
    let environment = declaring.environment;
    let form = |fields: &Vec<Value>| fields_form(fields, address, environment);
    let fields = said(fields.as_ref().map(form));
    let document = Value::from(fields.as_set().cloned().unwrap_or_default());
    let may_be_written = is_clean("it", &document, address, declaring);
    may_be_written.then(|| DataStructureSpec {
        name: name.clone(),
        strict: unless(strict, false),
        fields,
    })
}

/// Fields as people would write them.
fn fields_form(fields: &[Value], of: &Address, environment: &Environment<'_>) -> Vec<Value> {
    match environment.written(&normal_fields(fields), of) {
        Value::Array(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Vec::new()
        }
    }
}

fn variable(
    spec: &VariableSpec,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> Option<VariableSpec> {
    let VariableSpec {
        name,
        scope,
        kind,
        value,
    } = spec;
    let value = declaring.environment.written(value, address);
    let document = Value::Object([(name.clone(), value.clone())].into_iter().collect());
    is_clean("it", &document, address, declaring).then(|| VariableSpec {
        name: name.clone(),
        scope: *scope,
        kind: *kind,
        value,
    })
}

fn scenario(
    spec: &ScenarioSpec,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> Option<ScenarioSpec> {
    let ScenarioSpec {
        name,
        folder,
        description,
        active,
        schedule,
        blueprint,
        settings, // most stay where Make has them, in the blueprint
        interface,
        custom_properties,
        priority,
    } = spec;
    let read = match blueprint.as_set() {
        Some(blueprint) => {
            file_form(blueprint, address, declaring).map_err(|error| error.to_string())
        }
        None => Err("its blueprint was not read".to_owned()),
    };
    let blueprint = match read {
        Ok(blueprint) => blueprint?,
        Err(why) => {
            let message = format!("it was left out: {why}");
            let finding = Finding::new(&codes::EXPORT_INCOMPLETE, message);
            declaring.report.push(finding.about(address));
            return None;
        }
    };
    let Declaring {
        names,
        report,
        environment,
        ..
    } = declaring;
    let fields = |list: &[Value]| fields_form(list, address, environment);
    let declared = ScenarioSpec {
        name: name.clone(),
        folder: said(to_address(folder, Kind::Folder, address, names, report)),
        description: match description {
            Field::Set(text) if !is_blank(text) => Field::Set(environment.template(text, address)),
            Field::Set(_) | Field::Null | Field::Absent => Field::Absent,
        },
        active: active.clone(),
        schedule: schedule_form(schedule, address, report),
        blueprint: Field::Set(blueprint),
        // Beside a blueprint of modules and connections they are fields of their own.
        settings: Settings {
            max_errors: unless_count(&settings.max_errors, MAX_ERRORS),
            auto_commit: unless(&settings.auto_commit, true),
            ..Settings::default()
        },
        interface: match interface {
            Field::Set(interface) if *interface != Interface::default() => Field::Set(Interface {
                input: refer_inputs(fields(&interface.input), address, names, report),
                output: fields(&interface.output),
            }),
            Field::Set(_) | Field::Null | Field::Absent => Field::Absent,
        },
        custom_properties: match custom_properties {
            Field::Set(values) if !values.is_empty() => {
                let values = values.iter();
                Field::Set(
                    values
                        .map(|(key, value)| (key.clone(), environment.written(value, address)))
                        .collect(),
                )
            }
            Field::Set(_) | Field::Null | Field::Absent => Field::Absent,
        },
        priority: said(priority.clone()),
    };
    let beside = beside_blueprint(&declared);
    is_clean("it", &beside, address, declaring).then_some(declared)
}

/// The texts of a scenario that stand in its manifest.
fn beside_blueprint(spec: &ScenarioSpec) -> Value {
    let mut document = spec.custom_properties.as_set().cloned().unwrap_or_default();
    if let Some(description) = spec.description.as_set() {
        document.insert("description".to_owned(), description.to_string().into());
    }
    if let Some(Interface { input, output }) = spec.interface.as_set() {
        document.insert("input".to_owned(), input.clone().into());
        document.insert("output".to_owned(), output.clone().into());
    }
    Value::Object(document)
}

/// A schedule in the form that manifests take; absent, with a finding, if no form does.
fn schedule_form(
    field: &Field<ScheduleUse>,
    address: &Address,
    report: &mut Report,
) -> Field<ScheduleUse> {
    let schedule = match field {
        Field::Set(ScheduleUse::Inline(schedule)) => schedule.clone().normal(),
        shared @ Field::Set(ScheduleUse::Shared(_)) => return shared.clone(),
        Field::Null | Field::Absent => return Field::Absent,
    };
    if let When::Raw(value) = &schedule.when
        && !value.get("type").is_some_and(Value::is_string)
    {
        let message = "its schedule is nothing that Make documents, so it was left out";
        report.push(Finding::new(&codes::EXPORT_UNSAYABLE, message).about(address));
        return Field::Absent;
    }
    Field::Set(ScheduleUse::Inline(schedule))
}

/// A blueprint without what Make works out by itself, and with references for ids; none, with a
/// finding, if it holds a secret for which no reference can stand.
fn file_form(
    blueprint: &Blueprint,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> Result<Option<Blueprint>, UnpackError> {
    let mut document = blueprint.document()?;
    if let Some(metadata) = document.get_mut("metadata").and_then(Value::as_object_mut) {
        // From the trigger; it comes back with the next save.
        metadata.shift_remove("instant");
    }
    let Declaring {
        names,
        urls,
        environment,
        report,
        ..
    } = declaring;
    refer(&mut document, address, names, urls, environment, report);
    for hook in declaring.urls.within(&document) {
        let message = format!("its blueprint holds the URL of {hook}");
        let finding = Finding::new(&codes::EXPORT_HOOK_URL, message).about(address);
        let help = format!("write ${{{hook}.url}} there, or keep the file out of git");
        declaring.report.push(finding.help(help));
    }
    if declaring.no_personal_data {
        document = without_addresses(document);
    }
    let may_be_written = is_clean("its blueprint", &document, address, declaring);
    Ok(may_be_written.then(|| Blueprint::new(&document, true)))
}

/// Whether a document may go to a file. What still looks like a secret there can't be written as
/// a reference: what holds it is left out, unless secrets are to be kept. Both are said.
fn is_clean(
    holder: &str,
    document: &Value,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> bool {
    let places = suspects(document);
    if places.is_empty() {
        return true;
    }
    let finding = if declaring.keep_secrets {
        let message = format!("{holder} holds what looks like a secret, in {places}");
        let help = "keep the file to yourself, or export without --keep-secrets";
        Finding::new(&codes::EXPORT_SECRET_KEPT, message).help(help)
    } else {
        let message = format!(
            "it was left out: {holder} holds what looks like a secret where no reference can \
             stand, in {places}"
        );
        let help = "change it in Make and export again, or export with --keep-secrets";
        Finding::new(&codes::EXPORT_SECRET_LEFT_OUT, message).help(help)
    };
    declaring.report.push(finding.about(address));
    declaring.keep_secrets
}

fn webhook(
    live: &Live,
    spec: &WebhookSpec,
    address: &Address,
    declaring: &mut Declaring<'_>,
) -> Option<WebhookSpec> {
    let WebhookSpec {
        name,
        kind,
        connection,
        enabled,
        headers,
        method,
        stringify,
        ip,
        data_structure,
        security,
        hook_type,
        scenario,
        fields,
    } = spec;
    let url = live.facts.url.as_ref();
    let (said_fields, unsaid): (Vec<_>, Vec<_>) =
        app_fields(kind, fields, url).partition(|(key, _)| !TAKEN.contains(&key.as_str()));
    let said_fields: BTreeMap<String, Value> = said_fields
        .into_iter()
        .map(|(key, value)| (key.clone(), declaring.environment.written(value, address)))
        .collect();
    let document = said_fields.clone().into_iter().collect();
    if !is_clean("it", &Value::Object(document), address, declaring) {
        return None;
    }
    let Declaring { names, report, .. } = declaring;
    for (key, _) in unsaid {
        let message = format!("its app's field `{key}` has the name of a field of every webhook");
        report.push(Finding::new(&codes::EXPORT_UNSAYABLE, message).about(address));
    }
    Some(WebhookSpec {
        name: name.clone(),
        kind: kind.clone(),
        connection: said(to_address(
            connection,
            Kind::Connection,
            address,
            names,
            report,
        )),
        enabled: unless(enabled, true),
        headers: unless(headers, false),
        method: unless(method, false),
        // `raw` says it already.
        stringify: unless(stringify, kind == "raw"),
        ip: said(ip.clone()),
        data_structure: said(to_address(
            data_structure,
            Kind::DataStructure,
            address,
            names,
            report,
        )),
        security: match security {
            Field::Set(Security::Basic { .. } | Security::Token { .. }) => {
                let message = "it is guarded, and its credentials are told by nobody";
                let finding = Finding::new(&codes::EXPORT_UNSAYABLE, message).about(address);
                report.push(finding.help("say `security` in its manifest before it changes"));
                Field::Absent
            }
            Field::Set(Security::None) | Field::Null | Field::Absent => Field::Absent,
        },
        hook_type: said(hook_type.clone()),
        scenario: said(to_address(scenario, Kind::Scenario, address, names, report)),
        fields: said_fields,
    })
}

/// The fields that an app keeps with its hook. Make's own hooks have none, and the hook's own
/// URL, which some apps keep there too, is no field.
fn app_fields<'a>(
    kind: &str,
    fields: &'a BTreeMap<String, Value>,
    url: Option<&'a SecretString>,
) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let url = url.map(ExposeSecret::expose_secret);
    let of_app = !["custom", "raw", "mail"].contains(&kind);
    fields.iter().filter(move |(_, value)| {
        let is_url = url.is_some() && value.as_str() == url;
        of_app && !value.is_null() && !is_url
    })
}

/// A field that is written only if it says something.
fn said<T>(field: Field<T>) -> Field<T> {
    match field {
        Field::Set(value) => Field::Set(value),
        Field::Null | Field::Absent => Field::Absent,
    }
}

/// A flag that is written only if it differs from what Make gives to a new object.
fn unless(field: &Field<bool>, default: bool) -> Field<bool> {
    match field {
        Field::Set(flag) if *flag != default => Field::Set(*flag),
        Field::Set(_) | Field::Null | Field::Absent => Field::Absent,
    }
}

/// The same of a count.
fn unless_count(field: &Field<u64>, default: u64) -> Field<u64> {
    match field {
        Field::Set(count) if *count != default => Field::Set(*count),
        Field::Set(_) | Field::Null | Field::Absent => Field::Absent,
    }
}

/// Whether a description says nothing: an empty one may come as a bare newline.
fn is_blank(text: &Template) -> bool {
    text.as_literal().is_some_and(|text| text.trim().is_empty())
}
