//! Two lists, item by item.

use serde_json::Value;
use similar::DiffOp;

use super::{
    Change,
    diff_value::{Base, Sides, Spot},
    sequence,
};
use crate::model::{Origin, canonical};

fn as_strs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

impl Sides<'_> {
    /// Items are matched by what they are, so that one that is put in front changes no other.
    pub(super) fn compare_items(
        self,
        spot: &Spot,
        before: &[Value],
        after: &[Value],
        base: Base<'_>,
        changes: &mut Vec<Change>,
    ) {
        let whole = self.whole_list(base, before, after);
        let texts = |items: &[Value]| items.iter().map(canonical).collect::<Vec<_>>();
        let (old, new) = (texts(before), texts(after));
        let (old, new) = (as_strs(&old), as_strs(&new));
        for op in sequence::steps(&old, &new) {
            let (old, old_len, new, new_len) = match op {
                DiffOp::Equal { .. } => continue,
                DiffOp::Delete {
                    old_index,
                    old_len,
                    new_index,
                } => (old_index, old_len, new_index, 0),
                DiffOp::Insert {
                    old_index,
                    new_index,
                    new_len,
                } => (old_index, 0, new_index, new_len),
                DiffOp::Replace {
                    old_index,
                    old_len,
                    new_index,
                    new_len,
                } => (old_index, old_len, new_index, new_len),
            };
            for offset in 0..old_len.max(new_len) {
                let a = before.get(old + offset).filter(|_| offset < old_len);
                let b = after.get(new + offset).filter(|_| offset < new_len);
                let (from, to) = ((old + offset).to_string(), (new + offset).to_string());
                let shown = if b.is_some() { &to } else { &from };
                let below = spot.below(&from, &to, shown);
                let base = match whole {
                    // Whoever changed the list has changed each item of it that differs.
                    Some(Origin::Git) => Base::Known(a),
                    Some(Origin::Make) => Base::Known(b),
                    Some(Origin::Both) | None => self.item(base, a, b, shown),
                };
                self.compare(&below, a, b, base, changes);
            }
        }
    }

    /// Who changed a list, where only one side did.
    fn whole_list(self, base: Base<'_>, before: &[Value], after: &[Value]) -> Option<Origin> {
        let Base::Known(Some(Value::Array(base))) = base else {
            return None;
        };
        let is = |items: &[Value]| {
            base.len() == items.len()
                && base
                    .iter()
                    .zip(items)
                    .all(|(base, item)| self.may_be(base, item))
        };
        match (is(before), is(after)) {
            (true, _) => Some(Origin::Git),
            (false, true) => Some(Origin::Make),
            (false, false) => None,
        }
    }

    /// What was applied last of an item of a list that both sides changed: it is found by what it
    /// is, since items before it may have come and gone.
    fn item<'a>(
        self,
        base: Base<'a>,
        before: Option<&'a Value>,
        after: Option<&'a Value>,
        shown: &str,
    ) -> Base<'a> {
        let Base::Known(Some(Value::Array(items))) = base else {
            return base.below(shown);
        };
        let find = |value: &Value| items.iter().find(|item| self.may_be(item, value));
        match (before.and_then(find), after.and_then(find)) {
            (Some(item), _) | (None, Some(item)) => Base::Known(Some(item)),
            (None, None) if before.is_some() && after.is_some() => base.below(shown),
            (None, None) => Base::Known(None),
        }
    }

    /// Whether a remembered value was this one, or may have been.
    fn may_be(self, base: &Value, value: &Value) -> bool {
        self.was(base, value) != Some(false)
    }
}
