//! What every backend has to keep, and what each has beside that.

mod conformance;
#[cfg(unix)]
mod encrypted;
mod file;
mod git;
mod leases;
mod objects;
mod places;

use jiff::Timestamp;

use super::{Locked, Pending, Started};
use crate::{
    model::{Address, ApplyId, Binding, Conclusion, Ending, Identity, NewIntent, RemoteId},
    state::Owner,
};

/// A form whose numbers must keep their text.
const FORM: &str = r#"{"name":"Leads","n":[1.0,1.50,1e400,123456789012345678901234567890,-0]}"#;

fn owner() -> Owner {
    Owner {
        who: "ada@laptop".into(),
        pid: 4711,
        command: "makeform apply".into(),
        since: Timestamp::UNIX_EPOCH,
    }
}

fn identity() -> Identity {
    Identity {
        host: "eu1.make.com".into(),
        organization: 1,
        team: 2,
    }
}

fn address(text: &str) -> Address {
    text.parse().unwrap()
}

fn binding(id: u64) -> Binding {
    Binding {
        id: RemoteId::Int(id),
        form: serde_json::from_str(FORM).unwrap(),
        prevent_destroy: true,
        invited: false,
        unchecked: None,
    }
}

fn started() -> Started {
    Started {
        at: Timestamp::UNIX_EPOCH,
        by: "ada@laptop".into(),
        digest: "sha256:00".into(),
        commit: Some("c0ffee".into()),
        command: Some("apply".into()),
    }
}

async fn intend(locked: &mut Locked, intent: NewIntent) -> Pending {
    let mut pending = locked.intend(vec![intent]).await.unwrap();
    pending.pop().unwrap()
}

async fn end(locked: &mut Locked, pending: Pending, ending: Ending) {
    let ended = vec![(pending, ending)];
    locked.end(ended, Vec::new()).await.unwrap();
}

async fn start(locked: &mut Locked) -> ApplyId {
    locked.start(started(), &identity()).await.unwrap()
}

fn intent(apply: ApplyId, text: &str) -> NewIntent {
    NewIntent {
        apply,
        address: address(text),
        what: "create webhook".into(),
        id: None,
        creates: None,
        before: None,
        editor: None,
        hidden: Vec::new(),
        owes: None,
    }
}

/// An apply that was killed after one confirmed create, one refused and one unended.
async fn killed_apply(locked: &mut Locked) -> ApplyId {
    let apply = start(locked).await;
    let pending = intend(locked, intent(apply, "webhook.leads")).await;
    let id = Some(RemoteId::Int(41));
    end(locked, pending, Ending::Confirmed { id }).await;
    locked
        .bind(&address("webhook.leads"), binding(41))
        .await
        .unwrap();
    let pending = intend(locked, intent(apply, "folder.crm")).await;
    let reason = "400".to_owned();
    end(locked, pending, Ending::Refused { reason }).await;
    let _ = intend(locked, intent(apply, "webhook.orders")).await;
    apply
}

async fn finish(locked: &mut Locked, apply: ApplyId) {
    let finished = locked.finish(apply, Timestamp::UNIX_EPOCH, Conclusion::Complete);
    finished.await.unwrap();
}
