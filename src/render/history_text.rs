//! The applies of the past, as text and as JSON.

use serde_json::json;

use super::{Style, Table, words};
use crate::state::Applied;

/// How many digits of a digest or a commit tell it from others.
const SHORT: usize = 12;

/// The applies, the last one first.
#[must_use]
pub fn history_text(applies: &[Applied], style: &Style) -> String {
    let mut table = Table::new([
        "APPLY", "WHEN", "WHO", "COMMAND", "COMMIT", "PLAN", "OUTCOME", "DID",
    ]);
    for applied in applies.iter().rev() {
        let digest = applied.digest.split(':').next_back().unwrap_or_default();
        table.row([
            applied.apply.to_string(),
            format!("{:.0}", applied.at),
            applied.by.clone(),
            applied.command.clone().unwrap_or_else(|| "-".to_owned()),
            applied
                .commit
                .as_deref()
                .map_or("-".to_owned(), short_commit),
            digest.chars().take(SHORT).collect(),
            outcome(applied).to_owned(),
            did(applied),
        ]);
    }
    table.text(style)
}

/// The same as `makeform/history/v1`, one line of JSON, the first one first.
#[must_use]
pub fn history_json(applies: &[Applied]) -> String {
    let applies: Vec<_> = applies
        .iter()
        .map(|applied| {
            json!({
                "apply": applied.apply,
                "at": applied.at,
                "by": applied.by,
                "command": applied.command,
                "commit": applied.commit,
                "digest": applied.digest,
                "finished": applied.finished,
                "outcome": outcome(applied),
                "steps": applied.audit.as_ref().map(|audit| &audit.steps),
                "allowed": applied.audit.as_ref().map(|audit| &audit.allowed),
                "requests": applied.audit.as_ref().map(|audit| audit.requests),
            })
        })
        .collect();
    let value = json!({ "format": "makeform/history/v1", "applies": applies });
    words::safe_json(&value.to_string()) + "\n"
}

/// An apply in one line, beside its number: when it was, by whom, and what it did.
#[must_use]
pub fn applied_in_words(applied: &Applied) -> String {
    let (at, by, outcome) = (applied.at, &applied.by, outcome(applied));
    words::printable(&format!("{at:.0} by {by}, {outcome}: {}", did(applied)))
}

/// What an apply did: `2 create, 1 of 3 update, 14 requests, allowed mass-delete`.
fn did(applied: &Applied) -> String {
    let Some(audit) = &applied.audit else {
        return "-".to_owned();
    };
    let steps = audit.steps.iter().map(|(action, figures)| {
        let all = figures.done + figures.failed + figures.skipped;
        match figures.done == all {
            true => format!("{all} {action}"),
            false => format!("{} of {all} {action}", figures.done),
        }
    });
    let requests = match audit.requests {
        1 => "1 request".to_owned(),
        many => format!("{many} requests"),
    };
    let allowed = audit.allowed.iter().map(|code| format!("allowed {code}"));
    let parts: Vec<String> = steps.chain([requests]).chain(allowed).collect();
    parts.join(", ")
}

/// How an apply ended, in a word.
fn outcome(applied: &Applied) -> &'static str {
    match (applied.conclusion, applied.finished) {
        (Some(conclusion), _) => conclusion.word(),
        (None, Some(_)) => "finished",
        (None, None) => "cut-short",
    }
}

fn short_commit(commit: &str) -> String {
    let (commit, rest) = commit.split_once('-').unwrap_or((commit, ""));
    let mut short: String = commit.chars().take(SHORT).collect();
    if !rest.is_empty() {
        short.push('-');
        short.push_str(rest);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::{history_json, history_text};
    use crate::{
        model::{ApplyId, Audit, Conclusion, Figures},
        render::Style,
        state::Applied,
    };

    #[test]
    fn applies_are_listed_the_last_one_first() {
        let applied = |number, conclusion: Option<Conclusion>| Applied {
            apply: ApplyId(number),
            at: "2026-03-02T08:00:00.25Z".parse().unwrap(),
            by: "ada@laptop".into(),
            digest: "sha256:0123456789abcdef0123".into(),
            commit: Some("89abcdef0123456789abcdef0123456789abcdef-dirty".into()),
            command: Some("apply".into()),
            finished: conclusion.map(|_| "2026-03-02T08:01:00Z".parse().unwrap()),
            conclusion,
            audit: None,
        };
        let old = Applied {
            commit: None,
            command: None,
            conclusion: None,
            ..applied(1, Some(Conclusion::Complete))
        };
        let figures = |done, failed, skipped| Figures {
            done,
            failed,
            skipped,
        };
        let audit = Audit {
            steps: [
                ("create".to_owned(), figures(2, 0, 0)),
                ("update".to_owned(), figures(1, 1, 1)),
            ]
            .into(),
            allowed: vec!["mass-delete".into()],
            requests: 14,
        };
        let partial = Applied {
            audit: Some(audit),
            ..applied(3, Some(Conclusion::Partial))
        };
        let applies = [old, applied(2, None), partial];
        insta::assert_snapshot!(history_text(&applies, &Style::plain()), @r#"
        APPLY  WHEN                  WHO         COMMAND  COMMIT              PLAN          OUTCOME    DID
        #3     2026-03-02T08:00:00Z  ada@laptop  apply    89abcdef0123-dirty  0123456789ab  partial    2 create, 1 of 3 update, 14 requests, allowed mass-delete
        #2     2026-03-02T08:00:00Z  ada@laptop  apply    89abcdef0123-dirty  0123456789ab  cut-short  -
        #1     2026-03-02T08:00:00Z  ada@laptop  -        -                   0123456789ab  finished   -
        "#);
        let json: serde_json::Value = serde_json::from_str(&history_json(&applies)).unwrap();
        assert_eq!(json["applies"][2]["outcome"], "partial");
        assert_eq!(json["applies"][2]["steps"]["update"]["failed"], 1);
        assert_eq!(json["applies"][2]["requests"], 14);
        assert_eq!(json["applies"][0]["commit"], serde_json::Value::Null);
    }
}
