//! Values that are written anew as a whole.

use serde_json::Value;

use super::{
    Unfit,
    fit::{Fit, Slot},
    tree::{Form, Part},
    write::{flow, indented, quoted, written},
};

impl Fit<'_> {
    /// Writes a value anew as a whole.
    pub(super) fn replace(&mut self, slot: Slot, part: &Part, wanted: &Value) -> Result<(), Unfit> {
        let Slot::Block { after, indent } = slot else {
            let text = match (&part.form, wanted) {
                (Form::Scalar(style), Value::String(text)) => quoted(text, *style),
                _ => None,
            };
            let text = text.map_or_else(|| flow(wanted), Ok)?;
            if part.span.is_empty() {
                return Err(Unfit);
            }
            self.splices.replace(part.span.clone(), text);
            return Ok(());
        };
        let is_flow = matches!(
            part.form,
            Form::Map { is_flow: true, .. } | Form::List { is_flow: true, .. }
        );
        let (head, lines) = match (&part.form, wanted) {
            (_, Value::Object(_) | Value::Array(_)) if is_flow => (flow(wanted)?, Vec::new()),
            (Form::Scalar(style), Value::String(text)) if quoted(text, *style).is_some() => {
                (quoted(text, *style).unwrap_or_default(), Vec::new())
            }
            _ => {
                let written = written(wanted)?;
                (written.head, written.lines)
            }
        };
        let newline = self.lines.newline;
        let below = match lines.is_empty() {
            true => String::new(),
            false => format!("{newline}{}", indented(&lines, indent, newline)),
        };
        if part.is_block() || part.is_block_scalar() {
            return self.replace_lines(part, (after, indent), &head, &below);
        }
        let span = part.span.clone();
        let end = span.end;
        match (span.is_empty(), head.is_empty()) {
            // Nothing stood there.
            (true, true) => {}
            (true, false) => self.splices.insert(after, format!(" {head}")),
            (false, false) => self.splices.replace(span, head),
            (false, true) if part.has_properties => return Err(Unfit),
            (false, true) => self.splices.replace(after..end, ""),
        }
        if !below.is_empty() {
            let from = if part.span.is_empty() { after } else { end };
            if !self.lines.is_last(from) {
                return Err(Unfit);
            }
            self.splices.insert(self.lines.end(from), below);
        }
        Ok(())
    }

    /// Writes what stood on lines of its own anew. A comment behind the key stays.
    fn replace_lines(
        &mut self,
        part: &Part,
        (after, indent): (usize, usize),
        head: &str,
        below: &str,
    ) -> Result<(), Unfit> {
        if part.has_properties {
            return Err(Unfit);
        }
        let key_line = self.lines.end(after);
        let begins_below = part.span.start > key_line;
        let end = part.end(self.lines.text).max(after);
        let end = self
            .lines
            .end_with_comments_below(end, indent.saturating_sub(2));
        if !begins_below {
            // `- a: 1`
            let behind = match head.is_empty() {
                true => below.trim_start_matches(['\r', '\n', ' ']).to_owned(),
                false => format!("{head}{below}"),
            };
            self.splices.replace(part.span.start..end, behind);
            return Ok(());
        }
        let written = self.lines.get(after..key_line);
        let old_head = match part.is_block_scalar() {
            true => {
                let blank = written.len() - written.trim_start().len();
                let word = written.split_whitespace().next().ok_or(Unfit)?;
                after + blank..after + blank + word.len()
            }
            false => after..after,
        };
        match (old_head.is_empty(), head.is_empty()) {
            (true, true) => {}
            (true, false) => self.splices.insert(after, format!(" {head}")),
            (false, false) => self.splices.replace(old_head, head),
            (false, true) => self.splices.replace(after..old_head.end, ""),
        }
        self.splices.replace(key_line..end, below);
        Ok(())
    }
}
