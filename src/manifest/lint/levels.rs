//! `spec.lints` of `makeform.yaml`: how bad each lint is.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{
        Finding, Report, Severity,
        codes::{self, lints, manifest},
    },
    manifest::{
        node::{Node, Shape},
        page::Page,
        values::{bad_value, did_you_mean, text, wrong_type},
    },
};

/// How bad a lint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It says nothing.
    Off,
    /// It warns.
    Warning,
    /// It stops plans and applies too.
    Error,
}

impl Level {
    pub(in crate::manifest) const ALL: [(&'static str, Self); 3] = [
        ("off", Self::Off),
        ("warning", Self::Warning),
        ("error", Self::Error),
    ];
}

/// The levels that a project sets, by code. Other lints have that of their code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    /// Whether any lint stops plans.
    pub(in crate::manifest) fn stop_plans(&self) -> bool {
        self.0.values().any(|level| *level == Level::Error)
    }

    /// Gives the findings of lints the levels that the project says; what is off goes.
    pub fn apply(&self, report: &mut Report) {
        report.retain(|finding| match self.0.get(finding.code.name) {
            None => true,
            Some(Level::Off) => false,
            Some(Level::Warning) => set(finding, Severity::Warning),
            Some(Level::Error) => set(finding, Severity::Error),
        });
    }
}

fn set(finding: &mut Finding, severity: Severity) -> bool {
    finding.severity = severity;
    true
}

/// Reads `lints`.
pub(in crate::manifest) fn levels(page: &Page, node: &Node) -> Levels {
    if !matches!(node.shape, Shape::Map(_)) {
        wrong_type(page, node, "a mapping from codes to levels");
    }
    let mut levels = Levels::default();
    for entry in node.entries() {
        let name = entry.key.text.as_str();
        let code = lints::SETTABLE.iter().find(|code| code.name == name);
        if code.is_none() {
            let (message, help) = match codes::find(name) {
                Some(code) => (
                    format!("`{name}` is no lint"),
                    format!("it is always {}: take it out", article(code.severity)),
                ),
                None => {
                    let known = lints::SETTABLE.iter().map(|code| code.name);
                    (
                        format!("there is no lint `{name}`"),
                        did_you_mean(name, known),
                    )
                }
            };
            let finding = page.finding(&manifest::UNKNOWN_LINT, &entry.key.span, message);
            page.report(finding.help(help));
        }
        let Some(written) = text(page, &entry.value) else {
            continue;
        };
        let level = Level::ALL.iter().find(|(word, _)| *word == written);
        match (level, code) {
            (Some((_, level)), Some(code)) => {
                levels.0.insert(code.name, *level);
            }
            (Some(_), None) => {}
            (None, _) => {
                let message = format!("there is no level `{written}`");
                let help = "write `off`, `warning` or `error`";
                bad_value(page, &entry.value, message, help);
            }
        }
    }
    levels
}

fn article(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
        Severity::Note => "a note",
    }
}
