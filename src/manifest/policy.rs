//! `spec.guards` and `spec.drift` of `makeform.yaml`: what counts for all plans of a project.

use std::collections::BTreeMap;

use crate::model::{Handling, Kind, Path, Policy, Threshold};

use super::{
    fields::Fields,
    lower::ignored_path,
    node::Node,
    page::Page,
    schema::{DRIFT, GUARDS, IGNORE, THRESHOLD},
    values::{bad_value, did_you_mean, list, text, whole},
};

/// Reads both, where they stand among the project's `spec`.
pub(super) fn policy(page: &Page, spec: &mut Fields<'_>) -> Policy {
    let mut policy = Policy::default();
    spec.optional("guards", |node| {
        let mut fields = Fields::of(page, node, &GUARDS)?;
        let Policy {
            mass_delete,
            mass_update,
            max_operations_increase,
            ignored: _,
        } = &mut policy;
        for (key, threshold) in [("massDelete", mass_delete), ("massUpdate", mass_update)] {
            fields.optional(key, |node| set(page, node, threshold));
        }
        *max_operations_increase = fields.optional("maxOperationsIncrease", |node| {
            whole(page, node, 0..=u64::MAX)
        });
        fields.finish();
        Some(())
    });
    spec.optional("drift", |node| {
        let mut fields = Fields::of(page, node, &DRIFT)?;
        let entries = fields.optional("ignore", |node| list(page, node, "what is ignored"));
        for entry in entries.unwrap_or_default() {
            ignore(page, entry, &mut policy.ignored);
        }
        fields.finish();
        Some(())
    });
    policy
}

/// Sets what is said of a threshold; the rest stays as it is by default.
fn set(page: &Page, node: &Node, threshold: &mut Threshold) -> Option<()> {
    let mut fields = Fields::of(page, node, &THRESHOLD)?;
    let Threshold {
        percent,
        least,
        count,
    } = threshold;
    let parts = [
        ("percent", percent, 100),
        ("least", least, u64::MAX),
        ("count", count, u64::MAX),
    ];
    for (key, part, most) in parts {
        if let Some(number) = fields.optional(key, |node| whole(page, node, 0..=most)) {
            *part = number;
        }
    }
    fields.finish();
    Some(())
}

/// Reads an entry of `ignore`.
fn ignore(page: &Page, node: &Node, ignored: &mut BTreeMap<Kind, Vec<Path>>) -> Option<()> {
    let mut fields = Fields::of(page, node, &IGNORE)?;
    let kind = fields.required("kind", |node| kind(page, node));
    let paths = fields.required("paths", |node| list(page, node, "paths"));
    fields.finish();
    let kind = kind?;
    let paths = paths?.iter();
    let paths = paths.filter_map(|node| ignored_path(page, node, kind));
    ignored.entry(kind).or_default().extend(paths);
    Some(())
}

/// A kind that is managed: of others nothing is compared.
fn kind(page: &Page, node: &Node) -> Option<Kind> {
    let written = text(page, node)?;
    let managed = || {
        let all = Kind::ALL.into_iter();
        all.filter(|kind| kind.handling() == Handling::Managed)
    };
    let found = managed().find(|kind| kind.as_str() == written);
    if found.is_none() {
        let message = format!("nothing of kind `{written}` is changed by a plan");
        let help = did_you_mean(&written, managed().map(Kind::as_str));
        bad_value(page, node, message, &help);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, sync::Arc};

    use crate::{
        manifest::project::{Project, parse_project},
        model::{Kind, Policy, Source, Threshold},
    };

    fn parse(spec: &str) -> Result<Project, Vec<String>> {
        let head = "apiVersion: makeform/v1\nkind: Project\nmetadata: { name: p }\nspec:\n  \
                    manifests: [a]\n  targets: { s: { url: \"sandbox:\" } }\n";
        let source = Source {
            name: "makeform.yaml".to_owned(),
            text: format!("{head}{spec}"),
        };
        let parsed = parse_project(PathBuf::from("/p"), Arc::new(source));
        parsed.map_err(|report| {
            let lines = report.sorted().into_iter().map(|finding| {
                let (line, column) = finding.place.as_ref().unwrap().line_column();
                format!("{line}:{column} {}", finding.code)
            });
            lines.collect()
        })
    }

    #[test]
    fn what_a_project_leaves_out_is_as_by_default() {
        assert_eq!(parse("").unwrap().policy, Policy::default());
        let project = parse(
            "  guards: { massDelete: { count: 5 }, massUpdate: { percent: 10, least: 0 }, maxOperationsIncrease: 50000 }
  drift:
    ignore:
      - { kind: Scenario, paths: [description, /settings/keepIncomplete] }
      - { kind: Scenario, paths: [/blueprint/flow/3/mapper] }
",
        );
        let policy = project.unwrap().policy;
        let delete = Threshold {
            count: 5,
            ..Policy::MASS_DELETE
        };
        assert_eq!(policy.mass_delete, delete);
        let update = Threshold {
            percent: 10,
            least: 0,
            ..Policy::MASS_UPDATE
        };
        assert_eq!(policy.mass_update, update);
        assert_eq!(policy.max_operations_increase, Some(50_000));
        let paths: Vec<String> = policy
            .ignored_in(Kind::Scenario)
            .iter()
            .map(|path| path.join("/"))
            .collect();
        assert_eq!(
            paths,
            [
                "description",
                "blueprint/metadata/scenario/dlq",
                "blueprint/flow/3/mapper"
            ]
        );
    }

    #[test]
    fn thresholds_and_paths_that_mean_nothing_are_errors() {
        let found = parse(
            "  guards:
    massDelete: { percent: 101, count: -1, most: 3 }
    massUpdate: 30
    massCreate: { count: 3 }
  drift:
    ignore:
      - { kind: Schedule, paths: [every] }
      - { kind: Folder, paths: [colour] }
      - { paths: [name] }
",
        );
        assert_eq!(
            found.unwrap_err(),
            [
                "8:28 bad-value",
                "8:40 bad-value",
                "8:44 unknown-key",
                "9:17 wrong-type",
                "10:5 unknown-key",
                "13:17 bad-value",
                "14:33 bad-value",
                "15:9 missing-key",
            ]
        );
    }
}
