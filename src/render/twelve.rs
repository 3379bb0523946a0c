//! The twelve plans in every rendering: golden files, and that the renderings tell the same.
//!
//! A rendering joins by a line in [`RENDERINGS`] and a reader of what it tells.

use std::collections::BTreeSet;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{
    COMMENT, Planned, Style, forecast_text::outlook_text, plan_html, plan_json_pretty, plan_text,
    plans_github, plans_markdown, upcoming::upcoming_text,
};
use crate::{
    model::Address,
    plan::{Action, Plan, twelve::twelve},
};

/// A rendering: the ending of its golden files, what writes it, and what reads from it.
struct Rendering {
    name: &'static str,
    write: fn(&Plan) -> String,
    read: fn(&str) -> Told,
}

const RENDERINGS: [Rendering; 4] = [
    Rendering {
        name: "txt",
        write: |plan| plan_text(plan, &[], &Style::plain()),
        read: read_text,
    },
    Rendering {
        name: "json",
        write: plan_json_pretty,
        read: read_json,
    },
    Rendering {
        name: "md",
        write: |plan| plans_markdown(&[Planned::Plan(plan)], COMMENT),
        read: read_markdown,
    },
    Rendering {
        name: "html",
        write: body,
        read: read_html,
    },
];

/// The page of a plan, without the style and the script that are the same in all.
fn body(plan: &Plan) -> String {
    let page = plan_html(plan);
    let (_, body) = page.split_once("<body>\n").unwrap();
    body.rsplit_once("<script>").unwrap().0.to_owned()
}

fn read_html(text: &str) -> Told {
    let links = text.split("<tr data-s=").skip(1).filter_map(|row| {
        let (_, link) = row.split_once("<a href=\"#s")?;
        Some(link.split_once('>')?.1.split_once('<')?.0.to_owned())
    });
    let digest = text.split_once("id=\"digest\">").unwrap().1;
    Told {
        counts: counts(text.split_once("class=\"sum\">").unwrap().1),
        addresses: links.collect(),
        digest: digest.split_once('<').map(|(digest, _)| digest.to_owned()),
    }
}

/// What a reader of any rendering has to be told alike.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    /// How many are added, changed and destroyed.
    counts: Option<[usize; 3]>,
    /// The things of the steps.
    addresses: BTreeSet<String>,
    /// The digest; a rendering for people leaves that of a plan out that can't be applied.
    digest: Option<String>,
}

/// What there is to tell.
fn truth(plan: &Plan) -> Told {
    let number = |of: &[Action]| {
        let steps = plan.steps.iter();
        steps.filter(|step| of.contains(&step.action)).count()
    };
    let adopted = plan.steps.iter();
    let adopted = adopted.filter(|s| s.action == Action::Adopt && !s.changes.is_empty());
    Told {
        counts: Some([
            number(&[Action::Create, Action::Replace]),
            number(&[Action::Update]) + adopted.count(),
            number(&[Action::Delete, Action::Replace]),
        ]),
        addresses: plan.steps.iter().map(|s| s.address.to_string()).collect(),
        digest: Some(plan.digest.clone()),
    }
}

/// `Plan: 1 to add, 2 to change, 3 to destroy`, which people read in each rendering.
fn counts(text: &str) -> Option<[usize; 3]> {
    let line = text.lines().find_map(|line| line.split_once("Plan: "))?.1;
    let number = |verb: &str| {
        let mut parts = line.split([',', '.']);
        let part = parts.find_map(|part| part.trim().strip_suffix(verb));
        part.and_then(|number| number.trim().parse().ok())
    };
    Some([
        number("to add")?,
        number("to change")?,
        number("to destroy")?,
    ])
}

fn read_text(text: &str) -> Told {
    let addresses = text.lines().filter_map(|line| {
        let head = line.get(..4)?.trim();
        let is_sign = matches!(head, "+" | "~" | "-" | "-/+" | "=" | ".");
        let word = is_sign.then(|| line.get(4..))??.split(' ').next();
        word.filter(|word| word.parse::<Address>().is_ok())
    });
    let digest = text.lines().find_map(|line| line.strip_prefix("Digest: "));
    Told {
        counts: counts(text),
        addresses: addresses.map(str::to_owned).collect(),
        digest: digest.map(str::to_owned),
    }
}

/// Addresses stand in summaries and in lists, behind a sign; a list has an id behind some.
fn read_markdown(text: &str) -> Told {
    let addresses = text.lines().filter_map(|line| {
        let summary = line.strip_prefix("<details><summary><code>");
        let line = summary.map_or(line, |rest| {
            rest.split_once("</code>").map_or(rest, |(name, _)| name)
        });
        let (sign, rest) = line.split_once(' ')?;
        let is_sign = matches!(sign, "+" | "~" | "-" | "-/+" | "=" | ".");
        let address = rest
            .split_once(" (id ")
            .map_or(rest, |(address, _)| address);
        (is_sign && address.parse::<Address>().is_ok()).then(|| address.to_owned())
    });
    let digest = text
        .lines()
        .find_map(|line| line.split_once("apply --expect "));
    Told {
        counts: counts(text),
        addresses: addresses.collect(),
        digest: digest.map(|(_, digest)| digest.to_owned()),
    }
}

fn read_json(text: &str) -> Told {
    let document: Value = serde_json::from_str(text).unwrap();
    let steps = document["steps"].as_array().unwrap();
    let adopted = steps
        .iter()
        .filter(|step| step["action"] == "adopt" && step["changes"] != Value::Array(Vec::new()));
    let summary = |key: &str| usize::try_from(document["summary"][key].as_u64().unwrap()).unwrap();
    let (replace, adopted) = (summary("replace"), adopted.count());
    Told {
        counts: Some([
            summary("create") + replace,
            summary("update") + adopted,
            summary("delete") + replace,
        ]),
        addresses: steps
            .iter()
            .map(|step| step["address"].as_str().unwrap().to_owned())
            .collect(),
        digest: document["digest"].as_str().map(str::to_owned),
    }
}

/// What is kept of a rendering: the whole, or of a long one its head, its size and its hash.
fn kept(text: &str) -> String {
    const LONGEST: usize = 48 * 1024;
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    // To the end of a line: a page that ends within a tag is no page.
    let head: String = text.chars().take(4096).collect();
    let head = head.rsplit_once('\n').map_or(&*head, |(lines, _)| lines);
    let hash = Sha256::digest(text);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{head}\n[.. {} bytes in all, sha256 {hash}]\n", text.len())
}

#[test]
fn every_rendering_of_the_twelve_plans_is_as_it_was_looked_at() {
    for (name, plan) in twelve() {
        for Rendering {
            name: ending,
            write,
            ..
        } in RENDERINGS
        {
            let text = write(&plan);
            insta::with_settings!({
                snapshot_path => "twelve", prepend_module_to_snapshot => false, omit_expression => true,
            }, {
                insta::assert_snapshot!(format!("{name}.{ending}"), kept(&text));
            });
        }
    }
}

#[test]
fn all_renderings_agree_on_counts_addresses_and_digests() {
    for (name, plan) in twelve() {
        let truth = truth(&plan);
        assert!(!truth.addresses.is_empty(), "{name}");
        for rendering in RENDERINGS {
            let mut told = (rendering.read)(&(rendering.write)(&plan));
            if plan.findings.has_errors() {
                told.digest.get_or_insert_with(|| plan.digest.clone());
            }
            assert_eq!(told, truth, "{name}.{}", rendering.name);
        }
    }
}

/// What a step does to a month and when its scenario runs next stand in all that people read.
#[test]
fn all_renderings_for_people_tell_of_each_scenario_its_forecast_and_its_next_runs() {
    let plain = |text: &str| {
        let text = text.replace("&gt;", ">").replace("&#39;", "'");
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let (mut forecasts, mut coming) = (0, 0);
    for (name, plan) in twelve() {
        for rendering in RENDERINGS.iter().filter(|one| one.name != "json") {
            let told = plain(&(rendering.write)(&plan));
            for outlook in plan.forecast.scenarios.values() {
                forecasts += 1;
                let text = plain(&outlook_text(outlook));
                assert!(told.contains(&text), "{name}.{}: {text}", rendering.name);
            }
            for upcoming in plan.steps.iter().filter_map(|step| step.upcoming.as_ref()) {
                coming += 1;
                let text = plain(&upcoming_text(upcoming, 0, usize::MAX));
                assert!(told.contains(&text), "{name}.{}: {text}", rendering.name);
            }
        }
    }
    assert!(forecasts > 3 && coming > 3, "{forecasts} {coming}");
}

/// Annotations are no more than GitHub shows: what they name is in the plan, and they count alike.
#[test]
fn annotations_of_the_twelve_plans_are_commands_and_tell_the_same() {
    for (name, plan) in twelve() {
        let text = plans_github(&[Planned::Plan(&plan)], "");
        insta::with_settings!({
            snapshot_path => "twelve", prepend_module_to_snapshot => false, omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{name}.github"), kept(&text));
        });
        let truth = truth(&plan);
        assert_eq!(counts(&text), truth.counts, "{name}");
        for line in text.lines() {
            assert!(
                line.starts_with("::") || line.starts_with("Target "),
                "{line}"
            );
            let title = line
                .split_once("title=")
                .and_then(|(_, title)| title.split_once(" will "));
            if let Some((address, _)) = title {
                assert!(truth.addresses.contains(address), "{line}");
            }
        }
    }
}
