//! Lists: which objects, which columns, in which order, which page.
//!
//! A list of ten thousand rows is never in memory as objects: each is written as soon as it is
//! found, where one page takes them all. Otherwise one pass finds and orders the ids that belong to
//! it, and a second writes the rows of the page, one after the other.

use serde_json::{Value, json};

use crate::sandbox::collection::Collection;
use crate::sandbox::quirk::{
    CustomPropertiesRow, FlatLists, PageCap, PageStatement, UnknownColumns,
};
use crate::sandbox::store::{Objects, View};

use super::call::Call;
use super::refusal::{Answer, Refusal, reply_bytes};

/// How one list of the API looks.
pub(crate) struct List {
    /// Where its objects are.
    pub(crate) collection: Collection,
    /// The key they stand under in the answer.
    pub(crate) name: &'static str,
    /// The columns of a row when `cols[]` asks for none.
    pub(crate) usual: &'static [&'static str],
    /// The columns that only `cols[]` brings.
    pub(crate) further: &'static [&'static str],
    /// What it can be sorted by; the first is what it is sorted by unasked.
    pub(crate) sorts: &'static [&'static str],
    /// The direction of that.
    pub(crate) order: Order,
    /// The rows of a page when `pg[limit]` asks for none; without it the list has no pages, and
    /// no `pg` in its answer.
    pub(crate) page: Option<u64>,
}

/// A direction of sorting.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

impl Order {
    fn name(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

/// The largest page, unless a quirk says otherwise.
const LARGEST_PAGE: u64 = 10_000;

impl List {
    /// The rows for which `keep` is true, as `show` makes them of the stored objects, sorted, cut
    /// and projected as the query asks.
    pub(crate) fn answer(
        &self,
        call: &Call<'_>,
        view: &View<'_>,
        keep: impl Fn(&Value) -> bool,
        show: impl Fn(Value) -> Value,
    ) -> Answer {
        let columns = self.columns(call)?;
        let page = self.page(call)?;
        let objects = view.count(self.collection)?;
        let mut found = Vec::new();
        // Past the end there is nothing to look for.
        if page.offset < objects || page.with_total {
            let takes_all = page.offset == 0 && objects <= page.limit;
            view.each_in(self.collection, 0..=u64::MAX, |id, object: Value| {
                if keep(&object) {
                    let key = SortKey::of(&object, page.sort_by);
                    let row = takes_all.then(|| project(show(object), &columns).to_string());
                    found.push((key, id, row));
                }
            })?;
        }
        found.sort_by(|(a, a_id, _), (b, b_id, _)| (a, a_id).cmp(&(b, b_id)));
        if page.order == Order::Descending {
            found.reverse();
        }

        let mut body = format!("{{\"{}\":[", self.name).into_bytes();
        let mut first = true;
        let (skip, take) = (to_usize(page.offset), to_usize(page.limit));
        for (_, id, row) in found.iter().skip(skip).take(take) {
            if !first {
                body.push(b',');
            }
            first = false;
            if let Some(row) = row {
                body.extend_from_slice(row.as_bytes());
            } else if let Some(object) = view.object(self.collection, *id)? {
                // The view does not change: an object that was found is still there.
                let row = project(show(object), &columns);
                body.extend_from_slice(row.to_string().as_bytes());
            }
        }
        body.push(b']');
        if page.is_stated {
            let mut stated = json!({
                "sortBy": page.sort_by, "sortDir": page.order.name(),
                "limit": page.limit, "offset": page.offset,
            });
            if let (true, Some(stated)) = (page.with_total, stated.as_object_mut()) {
                stated.insert("returnTotalCount".to_owned(), json!(true));
                stated.insert("totalCount".to_owned(), json!(found.len()));
            }
            body.extend_from_slice(format!(",\"pg\":{stated}").as_bytes());
        }
        body.push(b'}');
        reply_bytes(body)
    }

    /// The columns that `cols[]` chooses of one object, or the usual ones.
    pub(crate) fn row(&self, call: &Call<'_>, object: Value) -> Result<Value, Refusal> {
        Ok(project(object, &self.columns(call)?))
    }

    fn columns(&self, call: &Call<'_>) -> Result<Vec<&str>, Refusal> {
        let is_gone = |column: &&str| {
            self.collection == Collection::Scenarios
                && *column == "customProperties"
                && call.quirks().custom_properties_row == CustomPropertiesRow::Unknown
        };
        let all = || {
            let all = self.usual.iter().chain(self.further).copied();
            all.filter(|column| !is_gone(column))
        };
        let mut chosen = Vec::new();
        for name in call.query_all("cols[]") {
            match all().find(|column| *column == name) {
                Some(column) => chosen.push(column),
                None if name == "*" => return Ok(all().collect()),
                None if call.quirks().unknown_columns == UnknownColumns::Ignored => {}
                None => return Err(Refusal::invalid(format!("unknown column '{name}'"))),
            }
        }
        if chosen.is_empty() {
            chosen.extend(self.usual);
        }
        Ok(chosen)
    }

    fn page(&self, call: &Call<'_>) -> Result<Page, Refusal> {
        let default = self.sorts.first().copied().unwrap_or("id");
        let mut page = Page {
            offset: 0,
            limit: u64::MAX,
            sort_by: default,
            order: self.order,
            with_total: false,
            is_stated: call.quirks().page_statement == PageStatement::Stated,
        };
        let usual = match (self.page, call.quirks().flat_lists) {
            (Some(usual), _) => usual,
            (None, FlatLists::Paged) => {
                page.is_stated = true;
                LARGEST_PAGE
            }
            (None, FlatLists::Whole) => {
                page.is_stated = false;
                return Ok(page); // these lists do not know `pg`
            }
        };
        let largest = match call.quirks().page_cap {
            PageCap::None => LARGEST_PAGE,
            PageCap::Hundred => 100,
            PageCap::Three => 3,
        };
        page.offset = call.query_number("pg[offset]")?.unwrap_or(0);
        page.limit = call
            .query_number("pg[limit]")?
            .unwrap_or(usual)
            .min(largest);
        page.with_total = call.query_flag("pg[returnTotalCount]")?.unwrap_or(false);
        if let Some(name) = call.query("pg[sortBy]") {
            let known = self.sorts.iter().find(|sort| **sort == name);
            page.sort_by =
                known.ok_or_else(|| Refusal::invalid(format!("cannot sort by '{name}'")))?;
        }
        page.order = match call.query("pg[sortDir]") {
            None => page.order,
            Some("asc") => Order::Ascending,
            Some("desc") => Order::Descending,
            Some(_) => {
                return Err(Refusal::invalid("'pg[sortDir]' should be 'asc' or 'desc'"));
            }
        };
        Ok(page)
    }
}

struct Page {
    offset: u64,
    limit: u64,
    sort_by: &'static str,
    order: Order,
    with_total: bool,
    /// Whether the answer says which page it is.
    is_stated: bool,
}

/// What rows are ordered by; the id decides between equals.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum SortKey {
    Nothing,
    Number(u64),
    Text(String),
}

impl SortKey {
    fn of(object: &Value, column: &str) -> Self {
        let value = match column {
            // What Make means by it is not documented; it is no order one could rely on.
            "proprietal" => object.get("lastEdit"),
            "createdByUserName" => object.pointer("/createdByUser/name"),
            "updatedByUserName" => object.pointer("/updatedByUser/name"),
            _ => object.get(column),
        };
        match value {
            Some(Value::String(text)) => Self::Text(text.to_lowercase()),
            Some(Value::Bool(flag)) => Self::Number(u64::from(*flag)),
            Some(value) => value.as_u64().map_or(Self::Nothing, Self::Number),
            None => Self::Nothing,
        }
    }
}

fn project(object: Value, columns: &[&str]) -> Value {
    let Value::Object(mut fields) = object else {
        return object;
    };
    fields.retain(|name, _| columns.contains(&name.as_str()));
    Value::Object(fields)
}

fn to_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
