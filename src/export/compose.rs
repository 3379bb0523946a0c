//! The export as a whole.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use secrecy::SecretString;

use super::{
    agents::with_agents,
    declare::{Declaring, declare},
    environment::Environment,
    known::Known,
    name::{Names, label_of},
    pins,
    place::{Layout, place},
    secrets::{Secrets, has_secret},
    select::{Selection, select},
    urls::HookUrls,
};
use crate::{
    diagnostic::{Finding, Report, codes::export as codes, nearest},
    model::{Address, Desired, Handling, Kind, Reading, RemoteId, Snapshot, Unread},
};

/// What is exported, and for whom.
#[derive(Clone, Debug, Default)]
pub struct ExportOptions {
    /// Only these kinds; all if empty.
    pub kinds: BTreeSet<Kind>,
    /// Only these things; all if empty.
    pub only: BTreeSet<Address>,
    /// The name of the target whose account it is.
    pub target: String,
    /// The variables that the manifests may name, with their values: where the account holds one,
    /// `${env.NAME}` is written.
    pub environment: BTreeMap<String, SecretString>,
    /// The addresses and files that things have already.
    pub known: Known,
    /// Where things go that have no file yet.
    pub layout: Layout,
    /// The variables that the project declares, whether they are set or not.
    pub declared: BTreeSet<String>,
    /// Whether secrets are written as they are, not as variables.
    pub keep_secrets: bool,
    /// Whether e-mail addresses are taken out of what only Make's editor needs.
    pub no_personal_data: bool,
}

/// An account as manifests would declare it.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The things, and the ids that names do not tell and that are pinned nowhere yet.
    pub desired: Desired,
    /// The file of each thing, relative to the project.
    pub places: BTreeMap<Address, PathBuf>,
    /// The object that each thing is.
    pub objects: BTreeMap<Address, RemoteId>,
    /// What is missing or ambiguous.
    pub findings: Report,
    /// What was chosen, and could not be exported.
    pub skipped: Vec<(Kind, RemoteId)>,
    /// The secrets that the account holds, by the variables that stand for them in the files.
    pub secrets: BTreeMap<String, SecretString>,
}

/// Declares what a snapshot holds.
#[must_use]
pub fn export(snapshot: &Snapshot, options: &ExportOptions) -> Exported {
    let account = Account::of(snapshot, options);
    let names = Names::of(&[account.named()]);
    let names = names.into_iter().next().unwrap_or_default();
    let (mut exported, missing) = account.export(&names);
    report_missing(&missing, &names, &mut exported.findings);
    exported
}

/// Declares what the accounts of several targets hold, under common names: things that have one
/// name in Make have one address.
#[must_use]
pub fn export_all(accounts: &[(&Snapshot, &ExportOptions)]) -> Vec<Exported> {
    let accounts: Vec<Account<'_>> = accounts
        .iter()
        .map(|(snapshot, options)| Account::of(snapshot, options))
        .collect();
    let named: Vec<_> = accounts.iter().map(Account::named).collect();
    let names = Names::of(&named);
    let mut all = Vec::new();
    let mut missing: Option<BTreeSet<Address>> = None;
    for (account, names) in accounts.iter().zip(&names) {
        let (exported, lacks) = account.export(names);
        all.push(exported);
        // What one of them has is not missing.
        missing = Some(match missing {
            Some(missing) => missing.intersection(&lacks).cloned().collect(),
            None => lacks,
        });
    }
    if let (Some(first), Some(names)) = (all.first_mut(), names.first()) {
        report_missing(&missing.unwrap_or_default(), names, &mut first.findings);
    }
    all
}

/// What is exported of one account.
struct Account<'a> {
    snapshot: Cow<'a, Snapshot>,
    /// Those that only blueprints name.
    agents: BTreeSet<RemoteId>,
    options: &'a ExportOptions,
}

impl<'a> Account<'a> {
    fn of(snapshot: &'a Snapshot, options: &'a ExportOptions) -> Self {
        let (snapshot, agents) = with_agents(snapshot);
        Self {
            snapshot,
            agents,
            options,
        }
    }

    fn named(&self) -> (&Snapshot, &Known) {
        (&self.snapshot, &self.options.known)
    }

    /// Declares what was chosen. Beside it: what was asked for and is not there.
    fn export(&self, names: &Names) -> (Exported, BTreeSet<Address>) {
        let (snapshot, options) = (self.snapshot.as_ref(), self.options);
        let urls = HookUrls::of(snapshot, names);
        let Selection {
            things,
            missing,
            nameless,
        } = select(snapshot, names, &urls, options);
        let mut exported = Exported {
            desired: Desired::default(),
            places: BTreeMap::new(),
            objects: BTreeMap::new(),
            findings: Report::default(),
            skipped: nameless,
            secrets: BTreeMap::new(),
        };
        exported
            .desired
            .variables
            .target
            .clone_from(&options.target);
        report_nameless(&exported.skipped, snapshot, &mut exported.findings);
        report_unread(snapshot, &options.kinds, &mut exported.findings);

        let set = Environment::new(&options.environment);
        let secrets = match options.keep_secrets {
            true => Secrets::default(),
            false => {
                let before = (&options.known.variables, &options.declared);
                Secrets::of(snapshot, &things, names, &urls, &set, before)
            }
        };
        let environment = set.with(&secrets);
        let mut declaring = Declaring {
            names,
            urls: &urls,
            environment: &environment,
            known: &options.known,
            keep_secrets: options.keep_secrets,
            no_personal_data: options.no_personal_data,
            report: &mut exported.findings,
        };
        for (kind, id) in &things {
            let (Some(live), Some(address)) = (snapshot.get(*kind, id), names.address(*kind, id))
            else {
                continue;
            };
            let path = match options.known.place(address) {
                Some(path) => path.clone(),
                None => place(snapshot, names, address, &live.spec, options.layout),
            };
            match declare(live, address, &path, &mut declaring) {
                Some(declared) => {
                    exported.desired.things.insert(address.clone(), declared);
                    exported.places.insert(address.clone(), path);
                    exported.objects.insert(address.clone(), id.clone());
                }
                None => exported.skipped.push((*kind, id.clone())),
            }
        }
        let is_exported = |address: &Address| exported.desired.things.contains_key(address);
        secrets.report(is_exported, &mut exported.findings);
        exported.secrets = secrets.into_values();
        pins::pin(names, &options.known, &mut exported);
        pins::pin_agents(&self.agents, names, &options.known, &mut exported);
        (exported, missing)
    }
}

fn report_missing(missing: &BTreeSet<Address>, names: &Names, report: &mut Report) {
    for address in missing {
        if names.is_left_out(address) {
            let message = format!(
                "nothing is exported as {address}: the target leaves it out, or no list of the account \
                 has such things"
            );
            let finding = Finding::new(&codes::EXPORT_NOTHING_CHOSEN, message).about(address);
            report.push(finding.help("see the target's `exclude` in makeform.yaml"));
            continue;
        }
        let message = format!("the account has nothing that is exported as {address}");
        let finding = Finding::new(&codes::EXPORT_NOTHING_CHOSEN, message).about(address);
        let known: Vec<String> = names.iter().map(|(known, ..)| known.to_string()).collect();
        let near = nearest(&address.to_string(), known.iter().map(String::as_str));
        report.push(match near {
            Some(near) => finding.help(format!("did you mean {near}?")),
            None => finding,
        });
    }
}

/// Says what was left out because of its name.
fn report_nameless(nameless: &[(Kind, RemoteId)], snapshot: &Snapshot, report: &mut Report) {
    for (kind, id) in nameless {
        let what = kind.prefix();
        let live = snapshot.get(*kind, id);
        report.push(match live.is_some_and(|live| has_secret(&label_of(live))) {
            true => {
                let message = format!(
                    "{what} {id} was left out: its name holds what looks like a secret, where no \
                     reference can stand"
                );
                let finding = Finding::new(&codes::EXPORT_SECRET_LEFT_OUT, message);
                finding.help("give it another name in Make and export again")
            }
            false => {
                let message = format!("{what} {id} has a blank name, so it was left out");
                let finding = Finding::new(&codes::EXPORT_UNSAYABLE, message);
                finding.help("give it a name in Make and export again")
            }
        });
    }
}

/// Says which lists are not whole.
fn report_unread(snapshot: &Snapshot, kinds: &BTreeSet<Kind>, report: &mut Report) {
    let wanted = Kind::ALL.into_iter().filter(|kind| {
        let has_any = snapshot.account.dialect.has(*kind);
        has_any && kind.handling() != Handling::Local && (kinds.is_empty() || kinds.contains(kind))
    });
    for kind in wanted {
        let (message, usually) = match snapshot.reading.get(&kind) {
            Some(Reading::Whole) => continue,
            Some(Reading::Partial(Unread { why, usually })) => (
                format!("the list of kind {kind} could not be read to its end: {why}"),
                usually.as_deref(),
            ),
            None => (format!("the list of kind {kind} was not read"), None),
        };
        let finding = Finding::new(&codes::EXPORT_INCOMPLETE, message);
        report.push(match usually {
            Some(usually) => finding.help(usually),
            None => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ExportOptions, Exported, export};
    use crate::{
        export::fixture::{connection, folder, scenario, snapshot, team_role, webhook},
        manifest::emit::files,
        model::{Field, Kind, Reading, Snapshot, Spec},
    };
    use serde_json::json;

    const URL: &str = "https://hook.eu1.make.com/d4ezzfwgyav7qaukv8dbh3l21eru0fld";

    fn account() -> Snapshot {
        let blueprint = json!({
            "metadata": {"instant": true, "version": 1},
            "flow": [{"id": 1, "module": "gateway:CustomWebHook", "parameters": {"hook": 58},
                      "mapper": {"text": "${env.HOME} {{1.x}}"}}],
            "name": "Lead Sync",
        });
        let calling = json!({"name": "B", "metadata": {},
            "flow": [{"id": 1, "mapper": {"url": format!("call {URL}?a=1, please")}}]});
        snapshot([
            folder(1, "CRM", None),
            folder(2, "Inbound", Some(1)),
            scenario(925, "Lead Sync ${var.x}", Some(2), &blueprint),
            scenario(926, "Nightly", None, &calling),
            scenario(927, "Nightly", Some(99), &blueprint),
            webhook(58, "Leads", URL),
            connection(11, "Acme Slack", "slack"),
            team_role(5, "Mia.Doe@acme.example", "Team Member"),
        ])
    }

    fn texts(exported: &Exported) -> String {
        files(&exported.desired, &exported.places)
            .map(|file| {
                let file = file.unwrap();
                let text = String::from_utf8(file.bytes).unwrap();
                format!("=== {}\n{text}", file.path.display())
            })
            .collect()
    }

    fn findings(exported: &Exported) -> Vec<String> {
        let sorted = exported.findings.sorted();
        sorted
            .iter()
            .map(|finding| format!("{}: {}", finding.code, finding.message))
            .collect()
    }

    #[test]
    fn an_account_becomes_the_files_that_a_reviewer_expects() {
        let exported = export(&account(), &ExportOptions::default());
        insta::assert_snapshot!(texts(&exported));
        assert_eq!(
            findings(&exported),
            [
                "export-name-shared: a name is shared: Scenario `Nightly` of the objects 926, 927",
                "export-unknown-id: it names folder 99, which the account does not list",
            ]
        );
        let again = export(&account(), &ExportOptions::default());
        assert_eq!(texts(&exported), texts(&again));
    }

    #[test]
    fn an_app_s_fields_are_written_without_the_hook_s_url_and_what_can_t_be_said() {
        let mut account = account();
        for live in account.live.get_mut(&Kind::Webhook).unwrap().values_mut() {
            if let Spec::Webhook(spec) = &mut live.spec {
                spec.kind = "jotform".to_owned();
                spec.fields.insert("url".to_owned(), json!(URL));
                spec.fields.insert("formId".to_owned(), json!(["${var.x}"]));
                spec.fields.insert("type".to_owned(), json!("form"));
            }
        }
        let only = BTreeSet::from(["webhook.leads".parse().unwrap()]);
        let options = ExportOptions {
            only,
            ..ExportOptions::default()
        };
        let exported = export(&account, &options);
        let text = texts(&exported);
        assert!(!text.contains("d4ezz"), "{text}");
        assert!(
            text.contains("type: jotform\n") && text.contains("$${var.x}"),
            "{text}"
        );
        assert_eq!(findings(&exported).len(), 1);
    }

    #[test]
    fn secrets_in_files_are_told_by_their_places_alone() {
        let key = "q8Zr41kPxT7w2LmN";
        let blueprint = json!({"name": "Calls", "metadata": {}, "flow": [
            {"id": 1, "module": "builtin:BasicRouter", "routes": [{"flow": [
                {"id": 4, "module": "http:Get", "mapper": {"url": URL,
                    "headers": [{"name": "Authorization", "value": format!("Bearer {key}")}],
                    "qs": [{"name": "apikey", "value": key}]}}]}]},
            {"id": 7, "module": "http:Post", "parameters": {"authPass": key}}]});
        let mut hook = webhook(58, "Leads", URL);
        if let Spec::Webhook(spec) = &mut hook.spec {
            spec.kind = "jotform".to_owned();
            spec.fields.insert("token".to_owned(), json!(key));
        }
        let account = snapshot([scenario(1, "Calls", None, &blueprint), hook]);
        let exported = export(&account, &ExportOptions::default());
        let found = findings(&exported);
        assert_eq!(
            found,
            [
                "export-secret: it holds what looks like a secret, in module 4 (http:Get): \
                 mapper.headers.0.value (${env.CALLS_4_AUTHORIZATION}), module 4 (http:Get): \
                 mapper.qs.0.value (${env.CALLS_4_AUTHORIZATION}), module 7 (http:Post): \
                 parameters.authPass (${env.CALLS_4_AUTHORIZATION})",
                "export-secret: it holds what looks like a secret, in token \
                 (${env.CALLS_4_AUTHORIZATION})",
            ]
        );
        assert!(!format!("{:?}", exported.findings).contains(key));
        let texts = texts(&exported);
        assert!(!texts.contains(key), "{texts}");
        assert!(
            texts.contains("Bearer ${env.CALLS_4_AUTHORIZATION}"),
            "{texts}"
        );
        assert!(!format!("{exported:?}").contains(key));

        let options = ExportOptions {
            keep_secrets: true,
            ..ExportOptions::default()
        };
        let kept = export(&account, &options);
        assert!(kept.secrets.is_empty());
        let codes: Vec<&str> = kept
            .findings
            .iter()
            .map(|finding| finding.code.name)
            .collect();
        assert_eq!(codes, ["export-secret-kept"; 2]);
    }

    #[test]
    fn what_was_chosen_brings_along_what_it_stands_on() {
        let only = ["scenario.lead-sync-var-x", "scenario.nightli"].map(|a| a.parse().unwrap());
        let options = ExportOptions {
            only: only.into(),
            ..ExportOptions::default()
        };
        let exported = export(&account(), &options);
        let things: Vec<String> = exported
            .desired
            .things
            .keys()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            things,
            [
                "folder.crm",
                "folder.inbound",
                "scenario.lead-sync-var-x",
                "webhook.leads"
            ]
        );
        assert!(exported.findings.has_errors(), "one of them does not exist");
    }

    #[test]
    fn what_could_not_be_read_is_said_and_left_out() {
        let mut account = account();
        account
            .reading
            .insert(Kind::Webhook, Reading::Partial("403".into()));
        for live in account.live.get_mut(&Kind::Scenario).unwrap().values_mut() {
            if let Spec::Scenario(spec) = &mut live.spec
                && spec.name == "Nightly"
            {
                spec.blueprint = Field::Absent;
            }
        }
        let exported = export(&account, &ExportOptions::default());
        assert_eq!(exported.skipped.len(), 2);
        let incomplete = findings(&exported);
        assert_eq!(
            incomplete
                .iter()
                .filter(|f| f.starts_with("export-incomplete"))
                .count(),
            3
        );
    }
}
