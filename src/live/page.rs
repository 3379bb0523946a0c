//! Lists, page by page.

use serde_json::Value;

use super::{LiveError, client::Client, expected::Expected, transport::Request, wire::Node};

/// A list of the API.
#[derive(Clone, Debug)]
pub(super) struct List {
    /// The request, without paging.
    pub(super) request: Request,
    /// The key of the answer that holds the rows.
    pub(super) key: &'static str,
    /// How many rows to ask for at once, and the sort key that keeps pages apart; none for lists
    /// that come whole.
    pub(super) paging: Option<(u64, &'static str)>,
}

/// Reads a list to its end: an empty page, or one shorter than the limit that the answer
/// states. The server may cap the limit we asked for, and totals are not always told.
pub(super) async fn rows(client: &Client, list: &List) -> Result<Vec<Value>, LiveError> {
    let Some((limit, sort)) = list.paging else {
        return Ok(page(client, &list.request, list.key).await?.0);
    };
    let mut all = Vec::new();
    loop {
        let request = list
            .request
            .clone()
            .query("pg[limit]", limit)
            .query("pg[offset]", all.len())
            .query("pg[sortBy]", sort)
            .query("pg[sortDir]", "asc");
        let (rows, stated) = page(client, &request, list.key).await?;
        let got = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        all.extend(rows);
        // An answer that states no limit may be a list that came whole, of any length.
        let last = stated.map_or(got != limit, |stated| got < stated);
        if got == 0 || last {
            return Ok(all);
        }
    }
}

/// One page, and the limit that it states.
async fn page(
    client: &Client,
    request: &Request,
    key: &'static str,
) -> Result<(Vec<Value>, Option<u64>), LiveError> {
    let mut answer = client.fetch(request, Expected::member(key)).await?;
    let stated = answer
        .get("pg")
        .and_then(|pg| pg.get("limit"))
        .and_then(Node::loose_int);
    match answer.get_mut(key).map(Value::take) {
        Some(Value::Array(rows)) => Ok((rows, stated)),
        _ => Err(LiveError::Unreadable {
            asked: request.into(),
            problem: format!("`{key}` is no list"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{List, rows};
    use crate::live::{
        client::Client,
        script::{Line, Script},
        transport::Request,
    };

    async fn read(answers: &[&str]) -> (Result<usize, String>, Vec<String>) {
        let script = Arc::new(Script::new(answers.iter().map(|text| Line::ok(text))));
        let client = Client::new(script.clone(), "t".into(), "script".into());
        let list = List {
            request: Request::get(&["scenarios"]),
            key: "scenarios",
            paging: Some((3, "id")),
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
            // No paging at all.
            (vec![r#"{"scenarios":[1,2,3,4]}"#], 4, vec!["0"]),
        ] {
            let (read, asked) = read(&answers).await;
            assert_eq!(read.unwrap(), total);
            assert_eq!(asked, offsets);
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
