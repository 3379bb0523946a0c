//! Lists, page by page.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;

use super::{LiveError, client::Client, expected::Expected, transport::Request, wire::Node};

/// A list of the API.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The request, without paging.
    pub(super) request: Request,
    /// The key of the answer that holds the rows.
    pub(super) key: &'static str,
    /// How it is cut into pages.
    pub(super) paging: Paging,
}

/// How a list is cut into pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paging {
    /// It comes whole, as far as is known: pages that the answer states are turned all the same.
    Whole,
    /// As the zone dialect does it: `pg[limit]` rows at once, sorted by a key that keeps pages
    /// apart.
    Sorted {
        /// How many rows to ask for.
        limit: u64,
        /// The sort key.
        by: &'static str,
    },
    /// As the unified dialect does it, in an order that is the server's.
    Offset {
        /// How many rows to ask for.
        limit: u64,
    },
}

impl Paging {
    /// The request of the page that begins at a row.
    fn page(self, request: &Request, offset: u64) -> Request {
        let request = request.clone();
        match self {
            Self::Whole if offset == 0 => request,
            Self::Whole => request.query("pg[offset]", offset),
            Self::Sorted { limit, by } => request
                .query("pg[limit]", limit)
                .query("pg[offset]", offset)
                .query("pg[sortBy]", by)
                .query("pg[sortDir]", "asc"),
            Self::Offset { limit } => request.query("limit", limit).query("offset", offset),
        }
    }

    /// Whether a page that states no limit is the last one for all that is known. Lists that come
    /// whole state none; but where Make cuts them after all, it does so at a round number.
    fn is_last(self, got: u64) -> bool {
        self == Self::Whole && !got.is_multiple_of(ROUND)
    }

    /// How many rows are asked for at once.
    fn limit(self) -> u64 {
        match self {
            Self::Whole => u64::MAX,
            Self::Sorted { limit, .. } | Self::Offset { limit } => limit,
        }
    }
}

/// What the number of rows is a multiple of where a list may have been cut without a word.
const ROUND: u64 = 50;

/// The most pages of one list: even ten rows at a time are a hundred thousand then.
const PAGES: usize = 10_000;

/// The rows of a list, and the earliest time at which they can have been read, by the server's
/// clock, where the server tells its time.
pub(super) type Dated = (Vec<Value>, Option<Timestamp>);

/// Reads a list to its end.
pub(super) async fn rows(client: &Client, list: &List) -> Result<Vec<Value>, LiveError> {
    let (rows, _) = dated_rows(client, list).await?;
    Ok(rows)
}

/// Reads a list to its end: an empty page, or one shorter than the limit that the answer
/// states. The server may cap the limit we asked for, and totals are not always told.
pub(super) async fn dated_rows(client: &Client, list: &List) -> Result<Dated, LiveError> {
    let limit = list.paging.limit();
    let (mut all, mut seen, mut offset) = (Vec::new(), HashSet::new(), 0);
    // Later pages are made later.
    let mut made = None;
    for _ in 0..PAGES {
        let request = list.paging.page(&list.request, offset);
        let Page {
            rows,
            stated,
            made: now,
        } = page(client, &request, list.key).await?;
        if offset == 0 {
            made = now;
        }
        let got = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        offset += got;
        let known = all.len();
        // A row that moved between two pages comes twice.
        all.extend(rows.into_iter().filter(|row| seen.insert(identity(row))));
        let is_last = match stated {
            Some(stated) => got < stated,
            None => list.paging.is_last(got),
        };
        if got == 0 || is_last {
            return Ok((all, made));
        }
        if all.len() == known {
            // The offset is ignored. A list that came whole despite the limit is no less whole.
            return if stated.is_none() && got != limit {
                Ok((all, made))
            } else {
                Err(unending(list, "a page holds only what came before it"))
            };
        }
    }
    Err(unending(list, "there are too many pages"))
}

/// What tells a row from the others.
fn identity(row: &Value) -> String {
    row.get("id").unwrap_or(row).to_string()
}

fn unending(list: &List, problem: &'static str) -> LiveError {
    LiveError::Unending {
        asked: (&list.request).into(),
        problem,
    }
}

/// One page.
pub(super) struct Page {
    /// Its rows.
    pub(super) rows: Vec<Value>,
    /// The limit that it states.
    pub(super) stated: Option<u64>,
    /// The earliest time at which it can have been made.
    made: Option<Timestamp>,
}

/// Reads one page.
pub(super) async fn page(
    client: &Client,
    request: &Request,
    key: &'static str,
) -> Result<Page, LiveError> {
    let (mut answer, made) = client.fetch_dated(request, Expected::member(key)).await?;
    let stated = answer
        .get("pg")
        .and_then(|pg| pg.get("limit"))
        .and_then(Node::loose_int);
    match answer.get_mut(key).map(Value::take) {
        Some(Value::Array(rows)) => Ok(Page { rows, stated, made }),
        _ => Err(LiveError::Unreadable {
            asked: request.into(),
            problem: format!("`{key}` is no list"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{List, Paging, rows};
    use crate::live::{
        client::Client,
        script::{Line, Script},
        transport::Request,
    };

    #[tokio::test]
    async fn a_list_that_comes_whole_is_turned_where_it_states_pages_or_may_have_been_cut() {
        let fifty = format!(r#"{{"hooks":{:?}}}"#, (0..50).collect::<Vec<u64>>());
        for (answers, total) in [
            (vec![r#"{"hooks":[1,2]}"#], 2),
            (vec![r#"{"hooks":[]}"#], 0),
            (vec![r#"{"hooks":[1,2],"pg":{"limit":3}}"#], 2),
            (
                vec![
                    r#"{"hooks":[1,2],"pg":{"limit":2}}"#,
                    r#"{"hooks":[3],"pg":{"limit":2}}"#,
                ],
                3,
            ),
            // It is whole, and knows no pages.
            (vec![&fifty, &fifty], 50),
            (vec![&fifty, r#"{"hooks":[50]}"#], 51),
        ] {
            let asked = answers.len();
            let script = Arc::new(Script::new(answers.into_iter().map(Line::ok)));
            let client = Client::new(script.clone(), "t".into(), "script".into());
            let list = List {
                request: Request::get(&["hooks"]),
                key: "hooks",
                paging: Paging::Whole,
            };
            assert_eq!(rows(&client, &list).await.unwrap().len(), total);
            let queries: Vec<usize> = script.asked().iter().map(|r| r.query.len()).collect();
            assert_eq!(queries, [0, 1][..asked]);
        }
    }

    async fn read(answers: &[&str]) -> (Result<usize, String>, Vec<String>) {
        let script = Arc::new(Script::new(answers.iter().map(|text| Line::ok(text))));
        let client = Client::new(script.clone(), "t".into(), "script".into());
        let list = List {
            request: Request::get(&["scenarios"]),
            key: "scenarios",
            paging: Paging::Sorted { limit: 3, by: "id" },
        };
        let read = rows(&client, &list).await;
        let offsets = script
            .asked()
            .iter()
            .map(|request| request.query[1].1.clone())
            .collect();
        (
            read.map(|rows| rows.len()).map_err(|e| e.to_string()),
            offsets,
        )
    }

    #[tokio::test]
    async fn paging_ends_with_the_page_that_is_shorter_than_what_the_answer_states() {
        for (answers, total, offsets) in [
            // As asked for.
            (
                vec![r#"{"scenarios":[1,2],"pg":{"limit":3}}"#],
                2,
                vec!["0"],
            ),
            // The server caps, and the last page is full.
            (
                vec![
                    r#"{"scenarios":[1,2],"pg":{"limit":2}}"#,
                    r#"{"scenarios":[3,4],"pg":{"limit":"2"}}"#,
                    r#"{"scenarios":[],"pg":{"limit":2}}"#,
                ],
                4,
                vec!["0", "2", "4"],
            ),
            // A total that lies.
            (
                vec![
                    r#"{"scenarios":[1,2,3],"pg":{"limit":3,"totalCount":3}}"#,
                    r#"{"scenarios":[4],"pg":{"limit":3}}"#,
                ],
                4,
                vec!["0", "3"],
            ),
            // No paging at all: the same list again.
            (vec![r#"{"scenarios":[1,2,3,4]}"#; 2], 4, vec!["0", "4"]),
            (vec![r#"{"scenarios":[1,2]}"#; 2], 2, vec!["0", "2"]),
            // A cap that no answer states, and a row that moved between two pages.
            (
                vec![
                    r#"{"scenarios":[{"id":1},{"id":2}]}"#,
                    r#"{"scenarios":[{"id":2,"name":"x"},{"id":3}]}"#,
                    r#"{"scenarios":[]}"#,
                ],
                3,
                vec!["0", "2", "4"],
            ),
        ] {
            let (read, asked) = read(&answers).await;
            assert_eq!(read.unwrap(), total);
            assert_eq!(asked, offsets);
        }
    }

    #[tokio::test]
    async fn a_server_that_ignores_the_offset_makes_an_error_and_no_loop() {
        for answer in [
            r#"{"scenarios":[1,2],"pg":{"limit":2}}"#,
            r#"{"scenarios":[1,2,3]}"#,
        ] {
            let (read, asked) = read(&[answer; 2]).await;
            let error = read.unwrap_err();
            assert!(error.contains("only what came before"), "{error}");
            assert_eq!(asked.len(), 2);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_without_the_list_is_an_error_that_names_it() {
        for (answer, problem) in [
            (r#"{"hooks":[]}"#, "`scenarios` is missing"),
            (r#"{"scenarios":{}}"#, "`scenarios` is no list"),
            ("<html>Maintenance</html>", "it is no JSON object"),
        ] {
            let (read, _) = read(&[answer; 5]).await;
            let error = read.unwrap_err();
            assert!(error.ends_with(problem), "{error}");
        }
    }
}
