//! The replacements that make one value of another, as few of them as there can be.

use serde_json::{Map, Value};

use super::{
    Unfit,
    align::{Item, align},
    lines::Lines,
    splice::Splices,
    tree::{Form, Pair, Part},
    write::{flow, item},
};
use crate::{
    manifest::node::{Entry, Node, Span},
    model::values_equal,
};

/// One document while it is edited.
pub(super) struct Fit<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) splices: Splices,
    /// How deep single entries and items are edited; what lies deeper is written anew as a whole.
    pub(super) depth: usize,
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) enum Slot {
    /// Between brackets or braces.
    Flow,
    /// Behind the `:` or `-` that ends at this byte; lines of its own are this far in.
    Block { after: usize, indent: usize },
}

impl Fit<'_> {
    /// Makes a document say what is wanted.
    pub(super) fn document(
        &mut self,
        root: &Part,
        node: &Node,
        wanted: &Value,
    ) -> Result<(), Unfit> {
        let slot = Slot::Flow;
        match root.is_block() && !wanted.is_object() {
            true => Err(Unfit),
            false => self.value(slot, root, node, wanted, 0),
        }
    }

    fn value(
        &mut self,
        slot: Slot,
        part: &Part,
        node: &Node,
        wanted: &Value,
        level: usize,
    ) -> Result<(), Unfit> {
        if values_equal(&node.to_value(), wanted) {
            return Ok(());
        }
        let mark = self.splices.mark();
        let made = match (&part.form, wanted) {
            (Form::Map { is_flow, entries }, Value::Object(members))
                if level < self.depth && !entries.is_empty() && !members.is_empty() =>
            {
                self.map(*is_flow, entries, node, members, level + 1)
            }
            (Form::List { is_flow, items }, Value::Array(values))
                if level < self.depth && !items.is_empty() && !values.is_empty() =>
            {
                self.list(*is_flow, items, node, values, level + 1)
            }
            _ if level > 0 => return self.replace(slot, part, wanted),
            _ => return Err(Unfit),
        };
        match made {
            // Not all of `spec` for one field of it.
            Err(Unfit) if level > 1 => {
                self.splices.forget(mark);
                self.replace(slot, part, wanted)
            }
            made => made,
        }
    }

    fn map(
        &mut self,
        is_flow: bool,
        entries: &[Pair],
        node: &Node,
        wanted: &Map<String, Value>,
        level: usize,
    ) -> Result<(), Unfit> {
        let explicit: Vec<&Pair> = entries.iter().filter(|pair| !pair.is_merge).collect();
        let (own, merged) = node
            .entries()
            .split_at_checked(explicit.len())
            .ok_or(Unfit)?;
        if merged
            .iter()
            .any(|entry| !wanted.contains_key(&entry.key.text))
        {
            return Err(Unfit);
        }
        let position = |key: &str| own.iter().position(|entry: &Entry| entry.key.text == key);
        let is_kept = |pair: &Pair| {
            pair.is_merge
                || own.iter().any(|entry| {
                    entry.key.span == pair.key.span && wanted.contains_key(&entry.key.text)
                })
        };
        let regions: Vec<Span> = entries
            .iter()
            .map(|pair| pair.key.span.start..self.end_of(&pair.value, Some(pair)))
            .collect();
        for (index, pair) in entries.iter().enumerate() {
            let entry = own.iter().find(|entry| entry.key.span == pair.key.span);
            let Some(entry) = entry.filter(|_| !pair.is_merge) else {
                continue;
            };
            match wanted.get(&entry.key.text) {
                Some(value) => {
                    let slot = self.slot(is_flow, pair)?;
                    self.value(slot, &pair.value, &entry.value, value, level)?;
                }
                None if is_flow => self.remove_flow(&regions, index)?,
                None => {
                    let next = entries.get(index + 1);
                    self.remove_block(
                        pair.key.span.start,
                        &regions,
                        index,
                        next.is_some_and(is_kept),
                    )?;
                }
            }
        }
        // New keys stand behind the one that comes before them where export writes them.
        let mut before: Option<usize> = None;
        let mut waiting: Vec<(&String, &Value)> = Vec::new();
        for (key, value) in wanted {
            let is_merged = merged.iter().find(|entry| entry.key.text == *key);
            match (position(key), is_merged) {
                (Some(at), _) => {
                    let at = entries.iter().position(|pair| {
                        own.get(at).is_some_and(|own| own.key.span == pair.key.span)
                    });
                    if before.is_none() && !waiting.is_empty() {
                        self.insert_entries_before(is_flow, &regions, at.ok_or(Unfit)?, &waiting)?;
                        waiting.clear();
                    }
                    before = at;
                }
                (None, Some(entry)) if values_equal(&entry.value.to_value(), value) => {}
                (None, _) => match before.and_then(|before| regions.get(before)) {
                    Some(region) => self.insert_entry_after(is_flow, region, key, value)?,
                    None => waiting.push((key, value)),
                },
            }
        }
        // Nothing stays behind which they could stand.
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(Unfit)
        }
    }

    fn list(
        &mut self,
        is_flow: bool,
        items: &[Part],
        node: &Node,
        wanted: &[Value],
        level: usize,
    ) -> Result<(), Unfit> {
        let there: Vec<Value> = node.items().iter().map(Node::to_value).collect();
        let aligned = align(&there, wanted);
        if !aligned.iter().any(|item| matches!(item, Item::Of(_))) {
            return Err(Unfit);
        }
        let dashes: Vec<usize> = match is_flow {
            true => items.iter().map(|item| item.span.start).collect(),
            false => {
                let dashes = items.iter().map(|item| self.dash(item));
                dashes.collect::<Result<_, _>>()?
            }
        };
        let regions: Vec<Span> = items
            .iter()
            .zip(&dashes)
            .map(|(item, dash)| *dash..self.end_of(item, None).max(dash + usize::from(!is_flow)))
            .collect();
        for (index, (item, node)) in items.iter().zip(node.items()).enumerate() {
            let becomes = aligned.iter().position(|item| *item == Item::Of(index));
            let value = becomes.and_then(|at| wanted.get(at));
            let dash = dashes.get(index).copied().ok_or(Unfit)?;
            match value {
                Some(value) => {
                    let slot = match is_flow {
                        true => Slot::Flow,
                        false => Slot::Block {
                            after: dash + 1,
                            indent: self.lines.column(dash) + 2,
                        },
                    };
                    self.value(slot, item, node, value, level)?;
                }
                None if is_flow => self.remove_flow(&regions, index)?,
                None => {
                    let is_kept = aligned.contains(&Item::Of(index + 1));
                    self.remove_block(dash, &regions, index, is_kept)?;
                }
            }
        }
        let mut before: Option<usize> = None;
        let mut waiting: Vec<&Value> = Vec::new();
        for (becomes, value) in aligned.iter().zip(wanted) {
            match becomes {
                Item::Of(at) => {
                    if before.is_none() && !waiting.is_empty() {
                        self.insert_items_before(is_flow, &regions, *at, &waiting)?;
                        waiting.clear();
                    }
                    before = Some(*at);
                }
                Item::New => match before.and_then(|before| regions.get(before)) {
                    Some(region) if is_flow => {
                        self.splices
                            .insert(region.end, format!(", {}", flow(value)?));
                    }
                    Some(region) => {
                        let lines = item(value)?;
                        self.insert_lines_after(region, &lines)?;
                    }
                    None => waiting.push(value),
                },
            }
        }
        if waiting.is_empty() {
            Ok(())
        } else {
            Err(Unfit)
        }
    }

    /// Where the text of an entry or item ends.
    fn end_of(&self, part: &Part, pair: Option<&Pair>) -> usize {
        let end = part.end(self.lines.text);
        // Of one without a value the `:` is the end.
        match pair {
            Some(pair) => end.max(self.colon(pair).unwrap_or(end)),
            None => end,
        }
    }

    /// Where the `:` of an entry ends.
    fn colon(&self, pair: &Pair) -> Option<usize> {
        let rest = self.lines.get(pair.key.span.end..self.lines.text.len());
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let colon = rest.get(blank..)?.starts_with(':');
        colon.then_some(pair.key.span.end + blank + 1)
    }

    fn slot(&self, is_flow: bool, pair: &Pair) -> Result<Slot, Unfit> {
        Ok(match is_flow {
            true => Slot::Flow,
            false => Slot::Block {
                after: self.colon(pair).ok_or(Unfit)?,
                indent: self.lines.column(pair.key.span.start) + 2,
            },
        })
    }

    /// Where the `-` of an item stands.
    fn dash(&self, item: &Part) -> Result<usize, Unfit> {
        if item.has_properties {
            return Err(Unfit);
        }
        let mut at = self.lines.before(item.span.start);
        if item.is_block_scalar() {
            // `|-`, say.
            let head = self.lines.get(0..at);
            let length = head.len() - head.trim_end_matches(|c: char| !c.is_whitespace()).len();
            at = self.lines.before(at - length);
        }
        let dash = at.checked_sub(1).ok_or(Unfit)?;
        (self.lines.get(dash..at) == "-")
            .then_some(dash)
            .ok_or(Unfit)
    }
}
