//! Entries and items that come and go.

use serde_json::Value;

use super::{
    Unfit,
    fit::Fit,
    write::{entry, flow, flow_entry, indented, item},
};
use crate::manifest::node::Span;

impl Fit<'_> {
    /// Takes the lines of an entry or item away, with the comments directly above it.
    pub(super) fn remove_block(
        &mut self,
        start: usize,
        regions: &[Span],
        index: usize,
        next_stays: bool,
    ) -> Result<(), Unfit> {
        let region = regions.get(index).ok_or(Unfit)?;
        if !self.lines.is_last(region.end) {
            return Err(Unfit);
        }
        if !self.lines.is_first(start) {
            // It stands behind a dash: the next one takes its place.
            let next = regions.get(index + 1).filter(|_| next_stays).ok_or(Unfit)?;
            let gap = start..next.start;
            if self.lines.has_comment(&gap) {
                return Err(Unfit);
            }
            self.splices.replace(gap, "");
            return Ok(());
        }
        let begin = self.lines.with_comments_above(start);
        let column = self.lines.column(start);
        let end = self.lines.with_comments_below(region.end, column);
        let is_last_line = !self.lines.get(begin..end).ends_with('\n');
        if is_last_line && begin > 0 {
            // A file without a line break at its end stays one.
            let before = self.lines.end(self.lines.start(begin - 1));
            self.splices.replace(before..end, "");
        } else {
            self.splices.replace(begin..end, "");
        }
        Ok(())
    }

    /// Takes an entry or item between brackets away.
    pub(super) fn remove_flow(&mut self, regions: &[Span], index: usize) -> Result<(), Unfit> {
        let region = regions.get(index).ok_or(Unfit)?;
        let before = index.checked_sub(1).and_then(|before| regions.get(before));
        let gap = match (regions.get(index + 1), before) {
            (Some(next), _) => region.start..next.start,
            (None, Some(before)) => before.end..region.end,
            (None, None) => return Err(Unfit),
        };
        if self.lines.has_comment(&gap) {
            return Err(Unfit);
        }
        self.splices.replace(gap, "");
        Ok(())
    }

    pub(super) fn insert_entry_after(
        &mut self,
        is_flow: bool,
        region: &Span,
        key: &str,
        value: &Value,
    ) -> Result<(), Unfit> {
        if is_flow {
            let text = format!(", {}", flow_entry(key, value)?);
            self.splices.insert(region.end, text);
            return Ok(());
        }
        self.insert_lines_after(region, &entry(key, value)?)
    }

    pub(super) fn insert_lines_after(
        &mut self,
        region: &Span,
        lines: &[String],
    ) -> Result<(), Unfit> {
        if !self.lines.is_last(region.end) {
            return Err(Unfit);
        }
        let newline = self.lines.newline;
        let column = self.lines.column(region.start);
        let text = indented(lines, column, newline);
        let at = self.lines.end_with_comments_below(region.end, column);
        self.splices.insert(at, format!("{newline}{text}"));
        Ok(())
    }

    pub(super) fn insert_entries_before(
        &mut self,
        is_flow: bool,
        regions: &[Span],
        first: usize,
        new: &[(&String, &Value)],
    ) -> Result<(), Unfit> {
        let region = regions.get(first).ok_or(Unfit)?;
        if is_flow {
            for (key, value) in new {
                let text = format!("{}, ", flow_entry(key, value)?);
                self.splices.insert(region.start, text);
            }
            return Ok(());
        }
        let mut lines = Vec::new();
        for (key, value) in new {
            lines.extend(entry(key, value)?);
        }
        self.insert_lines_before(region, &lines);
        Ok(())
    }

    pub(super) fn insert_items_before(
        &mut self,
        is_flow: bool,
        regions: &[Span],
        first: usize,
        new: &[&Value],
    ) -> Result<(), Unfit> {
        let region = regions.get(first).ok_or(Unfit)?;
        if is_flow {
            for value in new {
                let text = format!("{}, ", flow(value)?);
                self.splices.insert(region.start, text);
            }
            return Ok(());
        }
        let mut lines = Vec::new();
        for value in new {
            lines.extend(item(value)?);
        }
        self.insert_lines_before(region, &lines);
        Ok(())
    }

    /// Puts lines before an entry or item, above the comments about it.
    fn insert_lines_before(&mut self, region: &Span, lines: &[String]) {
        let newline = self.lines.newline;
        let column = self.lines.column(region.start);
        let text = indented(lines, column, newline);
        if self.lines.is_first(region.start) {
            let at = self.lines.with_comments_above(region.start);
            self.splices.insert(at, format!("{text}{newline}"));
        } else {
            let indent = " ".repeat(column);
            let text = format!("{}{newline}{indent}", text.trim_start_matches(' '));
            self.splices.insert(region.start, text);
        }
    }
}
