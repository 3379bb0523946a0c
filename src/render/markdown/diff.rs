//! The changes of a thing as the lines of a `diff` block: a sign in the first column, which is what
//! GitHub and GitLab colour.

use serde_json::Value;

use crate::{
    model::Origin,
    plan::{Change, Line, Shown, Sign, Upcoming},
    render::{
        change::{Format, Part, walk},
        change_text::origin_comment,
        text_lines::text_lines,
        upcoming::upcoming_text,
        words,
    },
};

/// How far a part stands in from the part that it belongs to.
const INDENT: usize = 2;

/// How wide lines are made where they can be.
const WIDTH: usize = 100;

/// The sign of what changes inside: GitHub colours the line.
const CHANGED: char = '!';

/// The lines of a step's changes; beneath those of a schedule, when it runs next. `said`: the origin
/// that what stands above them tells already.
pub(super) fn diff(
    changes: &[Change],
    upcoming: Option<&Upcoming>,
    said: Option<Origin>,
    out: &mut String,
) {
    let has = |field: &&str| changes.iter().any(|change| change.path == [*field]);
    let field = ["schedule", "timezone"].into_iter().find(has);
    let mut lines = Lines {
        out,
        origins: vec![said],
        upcoming: field.zip(upcoming),
    };
    walk(changes, &mut lines);
}

struct Lines<'a> {
    out: &'a mut String,
    /// The origins of the groups that are open, the step itself first.
    origins: Vec<Option<Origin>>,
    /// The next runs, and beneath which field they stand.
    upcoming: Option<(&'static str, &'a Upcoming)>,
}

impl Lines<'_> {
    fn indent(&self) -> usize {
        INDENT * self.origins.len().saturating_sub(1)
    }

    fn known(&self) -> Option<Origin> {
        self.origins.last().copied().flatten()
    }

    /// Writes a line: sign, indent, text, and who made the change, where a group around it does not
    /// say so already.
    fn line(&mut self, sign: char, text: &str, origin: Option<Origin>) {
        self.out.push(sign);
        self.out.push(' ');
        self.out.extend(std::iter::repeat_n(' ', self.indent()));
        self.out.push_str(text.trim_end());
        let news = origin.filter(|_| origin != self.known());
        if let Some(comment) = news.and_then(origin_comment) {
            self.out.push_str("  ");
            self.out.push_str(comment);
        }
        self.trim();
        self.out.push('\n');
    }

    fn trim(&mut self) {
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
    }

    /// The line of a part or a group; what follows stands in it.
    fn open(&mut self, change: &Change, sign: char, note: &str) {
        let mut text = words::printable(&change.title);
        // An attribute of the thing, rather than a part with a title of its own.
        let between = if change.path.len() == 1 { ": " } else { ", " };
        if !note.is_empty() {
            text.push_str(between);
            text.push_str(&words::printable(note));
        } else if change.path.len() == 1 {
            text.push(':');
        }
        self.line(sign, &text, change.origin);
        self.origins.push(change.origin.or_else(|| self.known()));
    }
}

impl Format for Lines<'_> {
    fn leaf(&mut self, change: &Change, before: Option<&Shown>, after: Option<&Shown>) {
        let title = words::printable(&change.title);
        match (before, after) {
            (Some(before), Some(after)) => {
                let (before, after) = words::shown_pair(before, after);
                let (before, after) = words::clip_pair(&before, &after);
                self.line('-', &format!("{title}: {before}"), None);
                self.line('+', &format!("{title}: {after}"), change.origin);
            }
            (Some(before), None) => {
                let before = words::clip(&words::shown(before));
                self.line('-', &format!("{title}: {before}"), change.origin);
            }
            (None, after) => {
                let after = words::clip(&after.map(words::shown).unwrap_or_default());
                self.line('+', &format!("{title}: {after}"), change.origin);
            }
        }
        if let Some((field, upcoming)) = self.upcoming
            && change.path == [field]
        {
            let indent = self.indent() + 2 * INDENT;
            self.out.push_str(&upcoming_text(upcoming, indent, WIDTH));
            if !self.out.ends_with('\n') {
                self.out.push('\n');
            }
        }
    }

    fn text(&mut self, change: &Change, before: &Value, after: &Value, lines: &[Line]) {
        let sign = if before.is_null() { '+' } else { CHANGED };
        let title = format!("{}:", words::printable(&change.title));
        self.line(sign, &title, change.origin);
        self.origins.push(self.known());
        for line in text_lines(before, after, lines, Some(words::LONGEST)) {
            self.line(line.sign, &line.text, None);
        }
        self.origins.pop();
    }

    fn part(&mut self, change: &Change, sign: Sign, note: &str, _: Part<'_>) -> bool {
        self.open(change, sign_of(sign), note);
        true
    }

    fn moved(&mut self, change: &Change, from: &str, to: &str, _: &[Change]) {
        self.open(change, CHANGED, &format!("moved: {from} -> {to}"));
    }

    fn enter(&mut self, change: &Change, sign: Sign, note: &str, _: &[Change]) {
        self.open(change, sign_of(sign), note);
    }

    fn leave(&mut self) {
        self.origins.pop();
    }
}

fn sign_of(sign: Sign) -> char {
    match sign {
        Sign::Add => '+',
        Sign::Remove => '-',
        Sign::Change => CHANGED,
    }
}
