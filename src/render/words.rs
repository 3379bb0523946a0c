//! One place for signs, counts, lists and values in words.
//!
//! Names and values come from accounts that anybody may edit. What could steer a terminal or
//! make a line read other than it is (escapes, line breaks, marks that turn the direction of
//! writing) is written out as `\u001b`.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value;

use crate::{
    diagnostic::Severity,
    model::{Edited, spec::schedule::interval_text},
    plan::{Action, Reason, Shown, Sign},
};

use super::{Role, rights_text::rights};

/// How much of a value is shown: what a reviewer can still read in one go.
pub(super) const LONGEST: usize = 240;

/// How much is shown of what two long values have in common before they differ.
const CONTEXT: usize = 40;

/// The sign of a part, and its role.
pub(super) fn sign(sign: Sign) -> (&'static str, Role) {
    match sign {
        Sign::Add => ("+", Role::Added),
        Sign::Remove => ("-", Role::Removed),
        Sign::Change => ("~", Role::Changed),
    }
}

/// The sign of a part that stands elsewhere, and its role.
pub(super) const MOVED: (&str, Role) = (">", Role::Moved);

/// The role of an action's sign.
pub(super) fn role_of_action(action: Action) -> Role {
    match action {
        Action::Create => Role::Added,
        Action::Update => Role::Changed,
        Action::Replace | Action::Delete => Role::Removed,
        Action::Adopt => Role::Moved,
        Action::Forget => Role::Muted,
    }
}

/// The role of a severity.
pub(super) fn role_of_severity(severity: Severity) -> Role {
    match severity {
        Severity::Error => Role::Error,
        Severity::Warning => Role::Warning,
        Severity::Note => Role::Note,
    }
}

/// Why a step is in the plan.
pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NotFound => "the account has nothing of that name".to_owned(),
        Reason::Vanished(id) => format!(
            "it was id {}, which is gone from the account",
            printable(&id.to_string())
        ),
        Reason::FieldsDiffer(fields) => format!(
            "{} {}",
            and_list(fields),
            if fields.len() == 1 {
                "differs"
            } else {
                "differ"
            }
        ),
        Reason::ReplacedBecause(field) => format!("{} can't be changed in place", printable(field)),
        Reason::NoLongerDeclared => "no manifest declares it any more".to_owned(),
        Reason::DestroyAll => "`--destroy` takes it away".to_owned(),
        Reason::MadeSince => "it was not there yet".to_owned(),
        Reason::AdoptedSince => "it was not managed yet; the object stays in Make".to_owned(),
        Reason::Removed => "a `removed:` entry names it".to_owned(),
        Reason::RemovedAndKept => {
            "a `removed:` entry names it; the object stays in Make".to_owned()
        }
        Reason::Excluded => "the target leaves it out; the object stays in Make".to_owned(),
        Reason::SameName => "it is the only object of that name, and was not managed".to_owned(),
        Reason::Pinned => "makeform.ids.yaml names it".to_owned(),
        Reason::ScheduleChanged(address) => format!("{address}, which it shares, changed"),
        Reason::FieldGone(field) => format!(
            "{} is gone from the manifest: back to Make's default",
            printable(field)
        ),
        Reason::StartRuns => "switching it on also runs it once".to_owned(),
        Reason::Unchecked => {
            "an apply that changed it ended before it was known whether it works".to_owned()
        }
        Reason::MayAlso(permissions) => format!("may also {}", rights(permissions)),
        Reason::MayNoLonger(permissions) => format!("may no longer {}", rights(permissions)),
        Reason::Verified(seconds) => format!(
            "it is run once after this, which costs operations, and has to end in success within {}",
            interval_text(*seconds)
        ),
        Reason::FinishedAfter(others) => {
            let others: Vec<String> = others.iter().map(ToString::to_string).collect();
            format!(
                "it is made switched off, and gets its final form after {}",
                and_list(&others)
            )
        }
    }
}

/// Who edited an object last: `last edited in Make by Ada, 2026-03-01T09:00:00Z`.
pub(super) fn last_edit(edited: &Edited) -> String {
    let Edited { by, at } = edited;
    let mut text = "last edited in Make".to_owned();
    if let Some(by) = by {
        let _ = write!(text, " by {}", printable(by));
    }
    if let Some(at) = at {
        let _ = write!(text, ", {at:.0}");
    }
    text
}

/// A number of things: `1 error`, `2 errors`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and_list<T: AsRef<str>>(items: &[T]) -> String {
    let mut out = String::new();
    for (index, item) in items.iter().enumerate() {
        out.push_str(match (index, items.len() - index) {
            (0, _) => "",
            (_, 1) => " and ",
            (_, _) => ", ",
        });
        out.push_str(&printable(item.as_ref()));
    }
    out
}

/// A value as it may be shown.
pub(super) fn shown(shown: &Shown) -> String {
    match shown {
        Shown::Value(value) => json(value),
        Shown::Words(_, words) => printable(words),
        Shown::Sensitive => "(sensitive)".to_owned(),
        Shown::Unknown(None) => "(known after apply)".to_owned(),
        Shown::Unknown(Some(thing)) => format!("{thing} (id known after apply)"),
    }
}

/// A value as JSON in one line.
pub(super) fn json(value: &Value) -> String {
    printable(&value.to_string())
}

/// A text that steers no terminal: one line, whatever is in it.
#[must_use]
pub fn printable(text: &str) -> String {
    escaped(text, &[])
}

/// One line of a text, its tabs kept and blanks at its end made visible.
pub(super) fn line(text: &str) -> String {
    let kept = text.trim_end_matches([' ', '\t']);
    let blanks = text.strip_prefix(kept).unwrap_or_default();
    let mut out = escaped(kept, &['\t']);
    for blank in blanks.chars() {
        push_escape(blank, &mut out);
    }
    out
}

/// Several lines of a file, their tabs kept.
pub(super) fn lines(text: &str) -> String {
    escaped(text, &['\n', '\t'])
}

/// The same JSON document, with escapes for what serializers leave as it is but terminals obey.
pub(super) fn safe_json(document: &str) -> String {
    escaped(document, &['\n'])
}

fn escaped(text: &str, kept: &[char]) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        // A runner of GitHub obeys `##[command]` wherever it stands in a line of its log.
        let begins = char == '[' && out.ends_with("##");
        if begins || steers(char) && !kept.contains(&char) {
            push_escape(char, &mut out);
        } else {
            out.push(char);
        }
    }
    out
}

/// Whether a character does something other than being seen. The joiner of emoji is not among
/// them.
fn steers(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The escape of a character, as JSON has it.
fn push_escape(char: char, out: &mut String) {
    match char {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
}

/// Two values as they may be shown. What takes no place of its own is written out where the two
/// differ in it: they would look alike otherwise.
pub(super) fn shown_pair(before: &Shown, after: &Shown) -> (String, String) {
    let (before, after) = (shown(before), shown(after));
    if blends_alike(&before, &after) {
        return (before, after);
    }
    (unblended(&before), unblended(&after))
}

/// Whether two texts have the same characters that blend in with others, in the same order.
pub(super) fn blends_alike(before: &str, after: &str) -> bool {
    let blending = |text: &str| text.chars().filter(|c| blends(*c)).collect::<Vec<_>>();
    blending(before) == blending(after)
}

/// A text with escapes for what blends in with its neighbours.
pub(super) fn unblended(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if blends(char) {
            push_escape(char, &mut out);
        } else {
            out.push(char);
        }
    }
    out
}

/// Marks that are put on the letter before them, joiners, and blanks that look like a plain one.
fn blends(char: char) -> bool {
    matches!(
        char,
        '\u{a0}'
            | '\u{ad}'
            | '\u{300}'..='\u{36f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{2000}'..='\u{200d}'
            | '\u{202f}'
            | '\u{205f}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{2800}'
            | '\u{3000}'
            | '\u{3099}'
            | '\u{309a}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{fe20}'..='\u{fe2f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    )
}

/// Whether something in a text was cut.
pub(super) fn is_cut(text: &str) -> bool {
    text.contains(" more characters)") || text.contains(" characters) ...")
}

/// A time in words, to the second: `40 s`, `1 min 40 s`.
pub(super) fn about(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// A text cut to what can be read, with a count of what is left out.
pub(super) fn clip(text: &str) -> String {
    clip_around(text, 0)
}

/// Two texts, each cut around the first place where they differ.
pub(super) fn clip_pair(before: &str, after: &str) -> (String, String) {
    let common = before
        .chars()
        .zip(after.chars())
        .take_while(|(before, after)| before == after)
        .count();
    (clip_around(before, common), clip_around(after, common))
}

fn clip_around(text: &str, focus: usize) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let start = if focus + CONTEXT < LONGEST {
        0
    } else {
        (focus - CONTEXT).min(length - LONGEST)
    };
    let rest = length - start - LONGEST;
    let mut out = String::new();
    if start > 0 {
        let _ = write!(out, "({start} characters) ...");
    }
    out.extend(text.chars().skip(start).take(LONGEST));
    if rest > 0 {
        let _ = write!(out, "... ({rest} more characters)");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, and_list, clip, clip_pair, json, line, printable, safe_json, shown_pair};
    use crate::plan::Shown;
    use serde_json::{Value, json};

    #[test]
    fn a_runner_of_github_finds_no_command_within_a_line() {
        assert_eq!(printable("x ##[add-mask]e"), "x ##\\u005badd-mask]e");
        assert_eq!(line("#[a] ##"), "#[a] ##");
    }

    #[test]
    fn nothing_that_steers_a_terminal_comes_through() {
        let hostile = "a\u{1b}[2J\r\n\u{9b}31m\u{202e}b\u{7f}\u{e0041}";
        assert_eq!(
            printable(hostile),
            r"a\u001b[2J\r\n\u009b31m\u202eb\u007f\udb40\udc41"
        );
        assert_eq!(json(&json!("\u{1b}\u{9b}\n")), r#""\u001b\u009b\n""#);
        assert_eq!(printable("Größe 👨‍👩‍👧 日本"), "Größe 👨‍👩‍👧 日本");
    }

    #[test]
    fn escaped_json_reads_back_as_the_same_document() {
        let value = json!({"a\u{9b}": "\u{202e}\u{7f}\u{e0041}\u{feff}", "b": [1, "\u{1b}"]});
        let text = safe_json(&serde_json::to_string_pretty(&value).expect("serializes"));
        assert!(text.chars().all(|c| c == '\n' || !super::steers(c)));
        assert_eq!(serde_json::from_str::<Value>(&text).expect("parses"), value);
    }

    #[test]
    fn long_texts_are_cut_around_what_differs_and_the_rest_is_counted() {
        let text = "x".repeat(LONGEST + 7);
        assert!(clip(&text).ends_with("x... (7 more characters)"));
        let (before, after) = clip_pair(&format!("{text}1"), &format!("{text}2"));
        assert!(before.starts_with("(8 characters) ...xx") && before.ends_with("x1"));
        assert!(after.ends_with("x2"));
        let (before, _) = clip_pair(&text, "short");
        assert!(before.starts_with('x'));
    }

    #[test]
    fn lists_and_the_blanks_at_the_end_of_a_line_read_well() {
        assert_eq!(and_list(&["a"]), "a");
        assert_eq!(and_list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(line("\tif x \t "), "\tif x\\u0020\\t\\u0020");
    }

    #[test]
    fn two_values_that_would_look_alike_are_told_apart() {
        let pair = |before: &str, after: &str| {
            let [before, after] = [before, after].map(|text| Shown::Value(Value::from(text)));
            let (before, after) = shown_pair(&before, &after);
            format!("{before} -> {after}")
        };
        assert_eq!(pair("\u{e9}", "e\u{301}"), "\"\u{e9}\" -> \"e\\u0301\"");
        assert_eq!(pair("a b", "a\u{a0}b"), "\"a b\" -> \"a\\u00a0b\"");
        assert_eq!(
            pair("e\u{301} 1", "e\u{301} 2"),
            "\"e\u{301} 1\" -> \"e\u{301} 2\""
        );
    }
}
