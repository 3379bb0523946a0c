//! A tree of changes as indented lines: how plans show what differs in a thing.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    model::Origin,
    plan::{Change, Difference, Line, Shown, Sign, Upcoming},
};

use super::{
    Role, Style,
    change::{Format, Part, walk},
    fold::{columns, padded},
    text_lines::{TextLine, text_lines},
    upcoming::upcoming_text,
    words,
};

/// How far a part stands in from the part that it belongs to.
const INDENT: usize = 4;

/// Where the signs of a step's changes stand.
pub(super) const FIRST: usize = 6;

/// The lines of a step's changes; beneath those of a schedule, when it runs next. `said`: the
/// origin that what stands above them tells already.
pub(super) fn change_text(
    changes: &[Change],
    upcoming: Option<&Upcoming>,
    said: Option<Origin>,
    style: &Style,
) -> String {
    let mut lines = Lines::new(style, changes, upcoming);
    if let Some(group) = lines.groups.first_mut() {
        group.origin = said;
    }
    walk(changes, &mut lines);
    lines.out
}

/// The lines of a tree of changes.
struct Lines<'s> {
    out: String,
    style: &'s Style,
    /// The groups that are open, the step itself first.
    groups: Vec<Group>,
    /// The next runs, and beneath which field they stand.
    upcoming: Option<(&'static str, &'s Upcoming)>,
}

/// A group that is open.
struct Group {
    /// How wide its keys are made; 0 where they are not aligned.
    key_width: usize,
    /// The origin that stands at it or at a group around it.
    origin: Option<Origin>,
}

impl<'s> Lines<'s> {
    fn new(style: &'s Style, changes: &[Change], upcoming: Option<&'s Upcoming>) -> Self {
        let is_of = |change: &Change, field: &str| change.path == [field];
        let has = |field: &&str| changes.iter().any(|change| is_of(change, field));
        let field = ["schedule", "timezone"].into_iter().find(has);
        Self {
            upcoming: field.zip(upcoming),
            out: String::new(),
            style,
            groups: vec![Group {
                key_width: key_width(changes),
                origin: None,
            }],
        }
    }

    fn indent(&self) -> usize {
        FIRST + INDENT * self.groups.len().saturating_sub(1)
    }

    fn key_width(&self) -> usize {
        self.groups.last().map_or(0, |group| group.key_width)
    }

    /// A text, cut to what can be read unless all is asked for.
    fn clip(&self, text: &str) -> String {
        match self.style.full {
            true => text.to_owned(),
            false => words::clip(text),
        }
    }

    /// Writes a line: indent, sign, text, and who made the change, where a group around it does
    /// not say so already.
    fn line(&mut self, sign: (&'static str, Role), text: &str, origin: Option<Origin>) {
        let indent = self.indent();
        let sign = self.style.paint(sign.1, self.style.sign(sign.0));
        let _ = write!(self.out, "{:indent$}{sign} {}", "", text.trim_end());
        let known = self.groups.last().and_then(|group| group.origin);
        if let Some(comment) = origin.filter(|_| origin != known).and_then(origin_comment) {
            let _ = write!(self.out, "  {}", self.style.paint(Role::Muted, comment));
        }
        self.out.push('\n');
    }
}

impl Format for Lines<'_> {
    fn leaf(&mut self, change: &Change, before: Option<&Shown>, after: Option<&Shown>) {
        let mut text = format!("{}:", words::printable(&change.title));
        let width = self.key_width().max(columns(&text) + 1);
        text = padded(&text, width);
        let sign = match (before, after) {
            (Some(before), Some(after)) => {
                let (before, after) = words::shown_pair(before, after);
                let (before, after) = match self.style.full {
                    true => (before, after),
                    false => words::clip_pair(&before, &after),
                };
                let column = self.indent() + 2 + width;
                let length = columns(&before) + " -> ".len() + columns(&after);
                if column + length <= self.style.width {
                    let _ = write!(text, "{before} -> {after}");
                } else {
                    let _ = write!(text, "{before}\n{:>column$}{after}", "-> ");
                }
                words::sign(Sign::Change)
            }
            (Some(before), None) => {
                text.push_str(&self.clip(&words::shown(before)));
                words::sign(Sign::Remove)
            }
            (None, after) => {
                text.push_str(&self.clip(&after.map(words::shown).unwrap_or_default()));
                words::sign(Sign::Add)
            }
        };
        self.line(sign, &text, change.origin);
        if let Some((field, upcoming)) = self.upcoming
            && change.path == [field]
        {
            let text = upcoming_text(upcoming, self.indent() + INDENT, self.style.width);
            for line in text.lines() {
                let _ = writeln!(self.out, "{}", self.style.paint(Role::Muted, line));
            }
        }
    }

    fn text(&mut self, change: &Change, before: &Value, after: &Value, lines: &[Line]) {
        let title = format!("{}:", words::printable(&change.title));
        let sign = if before.is_null() {
            Sign::Add
        } else {
            Sign::Change
        };
        self.line(words::sign(sign), &title, change.origin);
        let indent = self.indent() + INDENT;
        let longest = (!self.style.full).then_some(words::LONGEST);
        for TextLine { sign, text } in text_lines(before, after, lines, longest) {
            let (sign, role) = match sign {
                '+' => (self.style.sign("+"), Role::Added),
                '-' => (self.style.sign("-"), Role::Removed),
                _ => (" ", Role::Muted),
            };
            let line = format!("{sign} {text}");
            let line = self.style.paint(role, line.trim_end());
            let _ = writeln!(self.out, "{}", format!("{:indent$}{line}", "").trim_end());
        }
    }

    fn part(&mut self, change: &Change, sign: Sign, note: &str, part: Part<'_>) -> bool {
        self.enter(change, sign, note, part.changes);
        true
    }

    fn moved(&mut self, change: &Change, from: &str, to: &str, changes: &[Change]) {
        self.heading(change, words::MOVED, &format!("moved: {from} -> {to}"));
        self.open(change, changes);
    }

    fn enter(&mut self, change: &Change, sign: Sign, note: &str, changes: &[Change]) {
        self.heading(change, words::sign(sign), note);
        self.open(change, changes);
    }

    fn leave(&mut self) {
        self.groups.pop();
    }
}

impl Lines<'_> {
    /// What follows stands in a group.
    fn open(&mut self, change: &Change, changes: &[Change]) {
        let origin = change
            .origin
            .or_else(|| self.groups.last().and_then(|group| group.origin));
        self.groups.push(Group {
            key_width: key_width(changes),
            origin,
        });
    }

    /// The line of a part or a group.
    fn heading(&mut self, change: &Change, sign: (&'static str, Role), note: &str) {
        let mut text = words::printable(&change.title);
        let note = words::printable(note);
        if is_attribute(change) {
            text.push(':');
            if !note.is_empty() {
                let width = self.key_width().max(columns(&text) + 1);
                text = padded(&text, width) + &note;
            }
        } else if !note.is_empty() {
            let _ = write!(text, ", {note}");
        }
        self.line(sign, &text, change.origin);
    }
}

/// Whether a group is an attribute of the thing (`blueprint:`), rather than a part with a title
/// of its own (`3 google-sheets:addRow "Add lead"`).
fn is_attribute(change: &Change) -> bool {
    change.path.len() == 1
}

/// How wide the keys of a group are made: up to the next tab stop behind the sign, so that the
/// values don't move with every key that comes and goes. One key alone is not aligned.
fn key_width(changes: &[Change]) -> usize {
    const TAB: usize = 4;
    const SIGN: usize = "~ ".len();
    let keys = changes.iter().filter(|change| has_value_in_line(change));
    let lengths: Vec<usize> = keys.map(|change| columns(&change.title)).collect();
    match lengths.as_slice() {
        [] | [_] => 0,
        several => {
            let longest = several.iter().max().copied().unwrap_or(0);
            (SIGN + longest + ": ".len()).next_multiple_of(TAB) - SIGN
        }
    }
}

fn has_value_in_line(change: &Change) -> bool {
    match &change.difference {
        Difference::Added(_) | Difference::Removed(_) | Difference::Changed(_, _) => true,
        Difference::Text { .. } | Difference::Moved { .. } => false,
        Difference::Part { note, .. } | Difference::Group { note, .. } => {
            is_attribute(change) && !note.is_empty()
        }
    }
}

pub(super) fn origin_comment(origin: Origin) -> Option<&'static str> {
    match origin {
        Origin::Git => None,
        Origin::Make => Some("# changed in Make since the last apply"),
        Origin::Both => {
            Some("# conflict: changed in the manifests and in Make since the last apply")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::change_text;
    use crate::{
        model::Origin,
        plan::{Change, Difference, Line, Shown, Sign},
        render::{
            Style,
            sample::{change, group, value},
        },
    };
    use serde_json::{Value, json};

    fn text(changes: &[Change]) -> String {
        let text = change_text(changes, None, None, &Style::plain());
        assert!(text.lines().all(|line| line == line.trim_end()), "{text}");
        text
    }

    #[test]
    fn long_texts_are_shown_by_line_and_who_changed_what_is_marked_once() {
        let lines = vec![
            Line::Gap(40),
            Line::Same("function run(x) {".into()),
            Line::Same(String::new()),
            Line::Removed("\treturn x;".into()),
            Line::Added("\treturn x; \u{1b}[8mhidden".into()),
            Line::Added("}  ".into()),
        ];
        let code = Difference::Text {
            before: Value::from("old"),
            after: Value::from("new"),
            lines,
        };
        let code = Change {
            origin: Some(Origin::Make),
            ..change(
                &["blueprint", "flow", "2", "mapper", "code"],
                "mapper.code",
                code,
            )
        };
        let module = Change {
            origin: Some(Origin::Make),
            ..change(
                &["blueprint", "flow", "2"],
                "2 code:Run",
                group(Sign::Change, "", vec![code]),
            )
        };
        let moved = change(
            &["blueprint", "flow", "9"],
            "9 util:Sleep",
            Difference::Moved {
                from: "first".into(),
                to: "after 2".into(),
                changes: Vec::new(),
            },
        );
        let active = Change {
            origin: Some(Origin::Both),
            ..change(
                &["active"],
                "active",
                Difference::Changed(value(true), value(false)),
            )
        };
        let description = change(
            &["description"],
            "description",
            Difference::Removed(value("gone")),
        );
        let blueprint = change(
            &["blueprint"],
            "blueprint",
            group(Sign::Change, "2 of 9 modules", vec![module, moved]),
        );
        let changes = [active, description, blueprint];
        insta::assert_snapshot!(text(&changes), @r#"
        ~ active:       true -> false  # conflict: changed in the manifests and in Make since the last apply
        - description:  "gone"
        ~ blueprint:    2 of 9 modules
            ~ 2 code:Run  # changed in Make since the last apply
                ~ mapper.code:
                      (40 unchanged lines)
                      function run(x) {

                    - 	return x;
                    + 	return x; \u001b[8mhidden
                    + }\u0020\u0020
            > 9 util:Sleep, moved: first -> after 2
        "#);
    }

    #[test]
    fn a_module_that_comes_is_shown_leaf_by_leaf() {
        let body = Difference::Text {
            before: Value::Null,
            after: Value::from("a\nb"),
            lines: vec![Line::Added("a".into()), Line::Added("b".into())],
        };
        let path = ["blueprint", "flow", "2", "mapper"];
        let module = Difference::Part {
            sign: Sign::Add,
            note: "after 1".into(),
            value: json!({"module": "http:Post"}),
            changes: vec![
                change(&path, "mapper.body", body),
                change(&path, "mapper.key", Difference::Added(Shown::Sensitive)),
                change(
                    &path,
                    "mapper.url",
                    Difference::Added(value("https://crm.test")),
                ),
            ],
        };
        let module = change(&["blueprint", "flow", "2"], "2 http:Post", module);
        let changes = [change(
            &["blueprint"],
            "blueprint",
            group(Sign::Change, "1 of 2 modules", vec![module]),
        )];
        insta::assert_snapshot!(text(&changes), @r#"
        ~ blueprint: 1 of 2 modules
            + 2 http:Post, after 1
                + mapper.body:
                    + a
                    + b
                + mapper.key:   (sensitive)
                + mapper.url:   "https://crm.test"
        "#);
    }

    #[test]
    fn what_is_sensitive_or_unknown_shows_no_value_and_long_ones_are_cut() {
        let token = Difference::Changed(Shown::Sensitive, Shown::Sensitive);
        let hook = Difference::Changed(value(json!(null)), Shown::Unknown(None));
        let long = format!("{}a{}", "x".repeat(300), "y".repeat(300));
        let other = format!("{}b{}", "x".repeat(300), "y".repeat(300));
        let wide = Difference::Changed(value("w".repeat(40)), value("v".repeat(40)));
        let changes = [
            change(&["token"], "token", token),
            change(&["hook"], "hook", hook),
            change(
                &["list"],
                "list",
                Difference::Added(value(json!({"a": [1.50, null]}))),
            ),
            change(&["wide"], "wide", wide),
            change(
                &["long"],
                "long",
                Difference::Changed(value(long), value(other)),
            ),
        ];
        insta::assert_snapshot!(text(&changes), @r#"
        ~ token:    (sensitive) -> (sensitive)
        ~ hook:     null -> (known after apply)
        + list:     {"a":[1.5,null]}
        ~ wide:     "wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
                 -> "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
        ~ long:     (261 characters) ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxayyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... (102 more characters)
                 -> (261 characters) ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxbyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy... (102 more characters)
        "#);
    }
}
