//! Which scenario a webhook starts, where the account has to be told.
//!
//! In the zone dialect that follows from the scenario's blueprint alone. In the unified one a webhook
//! is made for a scenario; what the blueprints say need not be said twice.

use std::collections::BTreeSet;

use crate::{
    diagnostic::{Finding, Report, codes::plan as codes},
    model::{Address, Desired, Field, Spec, spec::Link},
};

/// Fills in the scenarios of webhooks that say nothing of it: the one that names the webhook.
/// `started`: webhooks, each with a scenario that holds its id. Where several do, nobody knows which
/// is meant, and that is reported.
pub(super) fn scenarios_of_webhooks(
    desired: &mut Desired,
    started: &BTreeSet<(Address, Address)>,
) -> Report {
    let mut report = Report::default();
    for (address, declared) in &mut desired.things {
        let Spec::Webhook(spec) = &mut declared.spec else {
            continue;
        };
        if !spec.scenario.is_absent() {
            continue;
        }
        let named_by: Vec<&Address> = started
            .iter()
            .filter(|(webhook, _)| webhook == address)
            .map(|(_, scenario)| scenario)
            .collect();
        match named_by.as_slice() {
            [] => {}
            [scenario] => spec.scenario = Field::Set(Link::Thing((*scenario).clone())),
            [first, ..] => {
                let names: Vec<String> = named_by.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "several scenarios name `{address}`, and it starts one: {}",
                    names.join(", ")
                );
                let finding = Finding::new(&codes::WEBHOOK_SCENARIO, message).about(address);
                let help = format!("say which: `scenario: {first}`, for example");
                report.push(finding.at(declared.place.clone()).help(help));
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use crate::{
        diagnostic::Report,
        manifest::{
            find_project, load,
            tests::{address, folder, lines},
        },
        model::{Desired, Field, spec::Link},
    };

    const PROJECT: &str = r#"apiVersion: makeform/v1
kind: Project
metadata: { name: test }
spec:
  manifests: ["m/**/*.yaml"]
  targets:
    unified: { url: https://api.make.com, organization: "1", map: { connection.slack: 48213 } }
    zone: { url: "sandbox:" }
"#;

    /// A webhook, a connection, and scenarios with these texts in a blueprint.
    fn read(target: &str, texts: &[&str]) -> (Desired, Report) {
        let mut manifests =
            "apiVersion: makeform/v1\nkind: Webhook\nmetadata: { name: leads }\n---\n\
             apiVersion: makeform/v1\nkind: Connection\nmetadata: { name: slack }\n\
             spec: { type: slack }\n"
                .to_owned();
        for (number, text) in texts.iter().enumerate() {
            manifests += &format!(
                "---\napiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: s{number} }}\n\
                 spec: {{ blueprint: {{ flow: [{{ id: 1, parameters: {{ a: \"{text}\" }} }}] }} }}\n"
            );
        }
        let files = [("makeform.yaml", PROJECT), ("m/all.yaml", &manifests)];
        let folder = folder(&files);
        let project = find_project(folder.path()).unwrap();
        load(&project, target, &|_| None)
    }

    fn scenario(desired: &Desired) -> Field<Link> {
        let declared = &desired.things[&address("webhook.leads")];
        declared.spec.as_webhook().unwrap().scenario.clone()
    }

    #[test]
    fn the_scenario_whose_blueprint_holds_its_id_is_the_one_that_a_webhook_starts() {
        let texts = ["${webhook.leads}", "${webhook.leads.url}", "none"];
        let (desired, report) = read("unified", &texts);
        assert_eq!(lines(&report), [] as [&str; 0]);
        assert_eq!(
            scenario(&desired),
            Field::Set(Link::Thing(address("scenario.s0")))
        );
        assert_eq!(
            desired.pins[&address("connection.slack")].id,
            "48213".into()
        );
        // Zones are told by the blueprint.
        assert_eq!(scenario(&read("zone", &texts).0), Field::Absent);
    }

    #[test]
    fn of_none_and_of_several_the_manifest_has_to_say_one() {
        let (desired, report) = read("unified", &["${webhook.leads.url}"]);
        assert_eq!(lines(&report), [] as [&str; 0], "planning may know of it");
        assert_eq!(scenario(&desired), Field::Absent);
        let (_, report) = read("unified", &["${webhook.leads}", "${webhook.leads}"]);
        assert_eq!(
            lines(&report),
            [
                "m/all.yaml:3:19 webhook-scenario: several scenarios name `webhook.leads`, and it \
                 starts one: `scenario.s0`, `scenario.s1`"
            ]
        );
    }
}
