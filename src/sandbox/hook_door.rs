//! Where hooks take HTTP requests of any method: `/wh/<udid>` of a served world.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Bytes, to_bytes};
use axum::extract::{ConnectInfo, Path, Request as HttpRequest, State};
use axum::http::{HeaderMap, header};
use axum::response::Response as HttpResponse;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::live::transport::Response;

use super::collection::Collection;
use super::engine::queue;
use super::line::Caller;
use super::payload::{Post, bundle, guess};
use super::routes::zone::scope::{is_true, number, set, text};
use super::routes::{Answer, Refusal, stamp};
use super::server;
use super::store::Batch;
use super::world::World;

/// How many requests a hook takes in [`WINDOW`].
const MOST: usize = 300;

/// The stretch of time over which they are counted.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);

/// The largest request that a hook takes: Make's limit.
const LARGEST: usize = 5 * 1024 * 1024;

/// Where the hook's row keeps whether it waits for a first request, and what that one held. No
/// list shows them.
pub(crate) const LEARNING: &str = "learning";
pub(crate) const LEARNED: &str = "learned";

/// Takes a request off the wire.
pub(super) async fn serve(
    State(world): State<Arc<World>>,
    Path(udid): Path<String>,
    request: HttpRequest,
) -> HttpResponse {
    let (head, body) = request.into_parts();
    let peer = head.extensions.get::<ConnectInfo<Caller>>();
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let post = Post {
        method: head.method.to_string(),
        query: form_urlencoded::parse(query).into_owned().collect(),
        from: sender(
            peer.map(|ConnectInfo(caller)| caller.address.ip().to_canonical()),
            &head.headers,
        ),
        headers: words(&head.headers),
        body: match to_bytes(body, LARGEST).await {
            Ok(body) => body,
            Err(_) => return server::answer(|| said(413, "Request entity too large")).await,
        },
    };
    server::answer(move || world.take(&udid, &post)).await
}

/// Who sent a request. Behind a proxy on this machine that is whom the proxy names: so an allow
/// list can be tried with addresses from anywhere.
fn sender(peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
    let named = || {
        let named = headers.get("x-forwarded-for")?.to_str().ok()?;
        named.split(',').next()?.trim().parse().ok()
    };
    match peer {
        Some(peer) if !peer.is_loopback() => Some(peer),
        peer => named().or(peer),
    }
}

fn words(headers: &HeaderMap) -> Vec<(String, String)> {
    let all = headers.iter().filter(|(name, _)| **name != header::COOKIE);
    all.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

/// The requests that hooks took lately. It is this process's own, as the limit of the API is.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    by_hook: Mutex<BTreeMap<u64, VecDeque<Timestamp>>>,
}

impl Taken {
    /// Whether a hook takes another request now.
    fn admits(&self, hook: u64, now: Timestamp) -> bool {
        let mut all = self.by_hook.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = all.entry(hook).or_default();
        // What is later than now was taken before somebody moved the clock back.
        taken.retain(|time| (SignedDuration::ZERO..WINDOW).contains(&now.duration_since(*time)));
        let has_room = taken.len() < MOST;
        if has_room {
            taken.push_back(now);
        }
        has_room
    }
}

/// What a hook does with a request. What Make answers in which state is documented for what is
/// gone (410) and for too many (429), and for the rest decided here.
pub(crate) fn take(
    batch: &mut Batch<'_>,
    taken: &Taken,
    udid: &str,
    post: &Post,
    now: Timestamp,
) -> Answer {
    let Some(mut hook) = find(batch, udid)? else {
        return said(410, NOBODY);
    };
    let id = number(&hook, "id").unwrap_or_default();
    if text(&hook, "type") == Some("mail")
        || !is_true(&hook, "enabled")
        || queue::is_gone(&hook, now)
    {
        return said(410, NOBODY);
    }
    if !is_allowed(&hook, post.from) {
        return said(403, "Forbidden");
    }
    if !has_shown(&hook, post) {
        return said(401, "Unauthorized");
    }
    if !taken.admits(id, now) {
        return said(429, "Too many requests");
    }
    if number(&hook, "queueCount") >= number(&hook, "queueLimit") {
        log(batch, id, post, 3, now)?;
        return said(400, "Queue is full.");
    }
    let data = bundle(&hook, post);
    if is_true(&hook, LEARNING) {
        // Make turns what it learnt into a data structure of the team. Here `ping` shows it, and
        // the team gets nothing that nobody asked for.
        set(&mut hook, LEARNING, false);
        set(&mut hook, LEARNED, guess(&data));
    }
    queue::enqueue(batch, &mut hook, data, post.body.len(), now)?;
    let scenario = number(&hook, "scenarioId");
    let row = scenario
        .map(|id| batch.get(Collection::Scenarios, id))
        .transpose()?;
    let mut runs = Vec::new();
    if let (Some(scenario), Some(row)) = (scenario, row.flatten())
        && queue::is_immediate(&row)
    {
        runs = queue::drain(batch, scenario, now)?;
    }
    let has_failed = |run: &queue::Run| number(&run.row, "status") == Some(3);
    let status = if runs.iter().any(has_failed) { 3 } else { 1 };
    log(batch, id, post, status, now)?;
    match runs.pop().and_then(|run| run.response) {
        Some(response) => Ok(respond(&response)),
        None => said(200, "Accepted"),
    }
}

const NOBODY: &str = "There is no scenario listening for this webhook.";

fn find(batch: &Batch<'_>, udid: &str) -> Result<Option<Value>, Refusal> {
    let mut found = None;
    batch.each(Collection::Hooks, |_, hook| {
        if text(&hook, "udid") == Some(udid) {
            found = Some(hook);
        }
    })?;
    Ok(found)
}

/// Whether a caller has shown what the security of a webhook asks for. Only the unified dialect has
/// it, and does not say how a token is shown: here in the `Authorization` header, bare or behind a
/// word.
fn has_shown(hook: &Value, post: &Post) -> bool {
    let Some(security) = hook.pointer("/unified/security") else {
        return true;
    };
    let header = post
        .headers
        .iter()
        .find(|(name, _)| name == "authorization");
    let shown = header.map_or("", |(_, value)| value.as_str());
    let shown = shown.rsplit(' ').next().unwrap_or_default();
    let secret = |name: &str| text(security, name).unwrap_or_default();
    match text(security, "type") {
        Some("basic") => {
            let wanted = format!("{}:{}", secret("username"), secret("password"));
            shown == BASE64_STANDARD.encode(wanted)
        }
        Some("token") => shown == secret("token"),
        _ => true,
    }
}

/// Whether a hook's list of addresses and networks holds the sender; without a list everybody may
/// send.
fn is_allowed(hook: &Value, from: Option<IpAddr>) -> bool {
    let list = hook.pointer("/data/ip").and_then(Value::as_str);
    let mut entries = list.into_iter().flat_map(|list| list.split(','));
    let bits = |address: IpAddr| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let is_in = |entry: &str| {
        let (network, length) = entry.trim().split_once('/').unwrap_or((entry.trim(), ""));
        let (Ok(network), Some(from)) = (network.parse(), from) else {
            return false;
        };
        let ((network, width), (from, from_width)) = (bits(network), bits(from));
        let length = length.parse().unwrap_or(width).min(width);
        let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
        width == from_width && network & mask == from & mask
    };
    list.is_none_or(|list| list.trim().is_empty()) || entries.any(is_in)
}

fn log(
    batch: &mut Batch<'_>,
    hook: u64,
    post: &Post,
    status: u64,
    now: Timestamp,
) -> Result<(), Refusal> {
    let sequence = batch.next_id(Collection::HookLogs)? & 0xffff_ffff;
    let scattered = fastrand::Rng::with_seed(sequence ^ 0x1065_0000_0000).u128(..);
    let row = json!({
        "id": format!("{scattered:032x}"), "hookId": hook, "statusId": status,
        "loggedAt": stamp(now), "method": post.method, "size": post.body.len(),
    });
    batch.put(Collection::HookLogs, Collection::pair(hook, sequence), &row)?;
    Ok(())
}

/// The answer that a scenario's `gateway:WebhookRespond` gives.
fn respond(mapper: &Value) -> Response {
    let status = mapper.get("status");
    let written = status.and_then(Value::as_str);
    let status = match written {
        Some(text) => text.trim().parse().ok(),
        None => status.and_then(Value::as_u64),
    };
    let status = status.and_then(|status| u16::try_from(status).ok());
    let headers = mapper.get("headers").and_then(Value::as_array);
    let pairs = headers.into_iter().flatten().filter_map(|pair| {
        let name = text(pair, "key").or_else(|| text(pair, "name"))?;
        Some((name.to_lowercase(), text(pair, "value")?.to_owned()))
    });
    let body = mapper.get("body").filter(|body| !body.is_null());
    let body = body.map_or_else(String::new, |body| {
        body.as_str()
            .map_or_else(|| body.to_string(), str::to_owned)
    });
    Response {
        status: status
            .filter(|status| (100..600).contains(status))
            .unwrap_or(200),
        headers: pairs.collect(),
        body: body.into(),
    }
}

/// A plain answer: hooks do not speak in the API's envelope.
fn said(status: u16, words: &'static str) -> Answer {
    Ok(Response {
        status,
        headers: vec![(
            "content-type".to_owned(),
            "text/plain; charset=utf-8".to_owned(),
        )],
        body: Bytes::from_static(words.as_bytes()),
    })
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::Taken;

    #[test]
    fn a_hook_takes_three_hundred_in_ten_seconds_and_each_has_its_own_count() {
        let start: Timestamp = "2027-06-01T06:00:00Z".parse().unwrap();
        let after = |milliseconds| start + SignedDuration::from_millis(milliseconds);
        let taken = Taken::default();
        for n in 0..300 {
            assert!(taken.admits(1, after(n)));
        }
        assert!(!taken.admits(1, after(9_999)));
        assert!(taken.admits(2, after(9_999)));
        assert!(
            taken.admits(1, after(10_000)),
            "the first is out of the window"
        );
        assert!(!taken.admits(1, after(10_000)), "the second is not");
        assert!(taken.admits(1, start), "the clock was moved back");
    }
}
