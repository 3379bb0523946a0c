//! Finding out what became of requests whose ending nobody knows, by reading the account.
//!
//! Only creates matter: an update or a deletion that was lost shows in the snapshot, and the next
//! plan decides upon it. A create that was carried out left an object that no binding holds, and
//! planning without it would make a second one.

use crate::{
    diagnostic::{
        Finding,
        codes::{apply as codes, plan as plan_codes},
    },
    model::{
        Address, Binding, Bindings, Creates, Desired, Dialect, Ending, Intent, Kind, Live, Record,
        RemoteId, Sequence, Snapshot,
    },
    plan::{self, Plan},
    state::{Locked, StateError},
};

/// What the account says of requests whose ending nobody knew.
#[derive(Clone, Debug, Default)]
pub struct Settlement {
    /// Creates that did make an object, which nothing was bound to yet.
    pub bound: Vec<(Address, RemoteId, Sequence)>,
    /// Requests that made nothing, or whose effect the snapshot shows anyway.
    pub closed: Vec<Sequence>,
    /// Those of them after which a scenario has to be looked at.
    pub owing: Vec<Intent>,
    /// Invitations that nobody heard of again, to people whom the account does not list: where it
    /// lists nobody before they accept, they may have been sent. They stay open until they are
    /// sent again.
    pub doubtful: Vec<(Sequence, Finding)>,
    /// Creates of which the account does not say enough. Nothing may be planned before somebody
    /// has.
    pub unclear: Vec<Finding>,
}

/// Finds out which unended requests made an object. Pure.
#[must_use]
pub fn settle(pending: &[Intent], bindings: &Bindings, snapshot: &Snapshot) -> Settlement {
    let mut settlement = Settlement::default();
    // What one create is found to have made, no other has.
    let mut held = bindings.clone();
    for intent in pending {
        let kind = intent.address.kind;
        if intent.owes.is_some() {
            settlement.owing.push(intent.clone());
        }
        let Some(creates) = &intent.creates else {
            settlement.closed.push(intent.sequence);
            continue;
        };
        // Somebody has said which object it is, or a later create has succeeded: if it is there.
        // A create of what was bound and had gone leaves the old binding behind.
        let bound = held.by_address.get(&intent.address);
        if bound.is_some_and(|bound| snapshot.get(kind, &bound.id).is_some()) {
            settlement.closed.push(intent.sequence);
            continue;
        }
        let named = named_by(creates, kind, snapshot.of(kind), &held);
        let is_read = named.iter().all(|live| is_sent(creates, live).is_some());
        let is_made = |live: &&Live| is_sent(creates, live) == Some(true);
        let made: Vec<&Live> = named.into_iter().filter(is_made).collect();
        match made.as_slice() {
            _ if !(is_read && snapshot.is_whole(kind)) => {
                settlement.unclear.push(unread(&intent.address, creates));
            }
            [] if invites(snapshot.account.dialect, kind) => {
                let finding = doubtful(&intent.address, creates);
                settlement.doubtful.push((intent.sequence, finding));
            }
            [] => settlement.closed.push(intent.sequence),
            [one] => {
                let id = one.id.clone();
                bind(&mut held, &intent.address, &id);
                settlement
                    .bound
                    .push((intent.address.clone(), id, intent.sequence));
            }
            several => settlement
                .unclear
                .push(ambiguous(&intent.address, creates, several)),
        }
    }
    settlement
}

/// Whether to make a thing of this kind is to invite somebody.
pub(super) fn invites(dialect: Dialect, kind: Kind) -> bool {
    kind == Kind::OrganizationRole || (dialect == Dialect::Unified && kind.is_role())
}

/// The objects that a create may have made by their names: those of its kind and key that were
/// not there when it was sent, that are no older, and that nothing is bound to.
pub(super) fn named_by<'l>(
    creates: &Creates,
    kind: Kind,
    live: impl Iterator<Item = &'l Live>,
    bindings: &Bindings,
) -> Vec<&'l Live> {
    live.filter(|live| live.spec.match_key().as_deref() == Some(&creates.key))
        .filter(|live| !creates.existing.contains(&live.id))
        .filter(|live| {
            let edited = live.facts.edited_at;
            let is_older = |since| edited.is_some_and(|edited| edited < since);
            !creates.since.is_some_and(is_older)
        })
        .filter(|live| bindings.address_of(kind, &live.id).is_none())
        .collect()
}

/// Whether an object is what a create has sent: one that only has its name is somebody else's.
/// None where too little of it was read.
pub(super) fn is_sent(creates: &Creates, live: &Live) -> Option<bool> {
    match &creates.sent {
        Some(sent) => plan::is_of(sent, live),
        None => Some(true),
    }
}

impl Settlement {
    /// Counts the objects that were found into bindings that are not written: for a plan, which
    /// takes no lock.
    pub fn apply_to(&self, bindings: &mut Bindings) {
        for (address, id, _) in &self.bound {
            bind(bindings, address, id);
        }
        for intent in &self.owing {
            bindings.owe(intent);
        }
    }

    /// What there is to tell beside a plan that was made of what was found.
    #[must_use]
    pub fn findings(self, plan: &Plan) -> Vec<Finding> {
        let is_sent_again = |finding: &Finding| {
            let mut steps = plan.steps.iter();
            steps.any(|step| finding.address.as_ref() == Some(&step.address))
        };
        let doubtful = self.doubtful.into_iter().map(|(_, finding)| finding);
        let mut findings = self.unclear;
        findings.extend(doubtful.filter(is_sent_again));
        findings
    }

    /// Writes down what was found. What nobody wants any more is in doubt no more.
    ///
    /// # Errors
    /// When the ledger can't be written.
    pub async fn record(&self, ledger: &mut Locked, desired: &Desired) -> Result<(), StateError> {
        let ended = |sequence: &Sequence, id: Option<&RemoteId>| Record::Ended {
            sequence: *sequence,
            ending: Ending::Settled { id: id.cloned() },
        };
        let mut records = Vec::new();
        for (sequence, finding) in &self.doubtful {
            let address = finding.address.as_ref();
            if address.is_none_or(|address| !desired.things.contains_key(address)) {
                records.push(ended(sequence, None));
            }
        }
        let bound = self.bound.iter();
        records.extend(bound.map(|(_, id, sequence)| ended(sequence, Some(id))));
        records.extend(self.closed.iter().map(|sequence| ended(sequence, None)));
        ledger.record(records).await
    }
}

fn bind(bindings: &mut Bindings, address: &Address, id: &RemoteId) {
    let binding = Binding::bare(id.clone());
    bindings.by_address.insert(address.clone(), binding);
}

fn unread(address: &Address, creates: &Creates) -> Finding {
    let key = &creates.key;
    let kind = address.kind;
    Finding::new(
        &codes::CREATE_UNSETTLED,
        format!(
            "an earlier apply may have made the {kind} `{key}`, and not all things of that kind \
             could be read"
        ),
    )
    .about(address)
    .help("try again when the account can be read whole")
}

fn doubtful(address: &Address, creates: &Creates) -> Finding {
    let message = format!(
        "`{}` may have been invited already: the answer to an earlier invitation was lost, and the \
         account does not list them",
        creates.key
    );
    Finding::new(&plan_codes::INVITATION_UNSETTLED, message)
        .about(address)
        .help("applying invites again; whoever accepts meanwhile is listed, and is not")
}

pub(super) fn ambiguous(address: &Address, creates: &Creates, several: &[&Live]) -> Finding {
    let key = &creates.key;
    let kind = address.kind;
    let ids: Vec<String> = several.iter().map(|live| live.id.to_string()).collect();
    Finding::new(
        &codes::CREATE_UNSETTLED,
        format!(
            "an earlier apply may have made the {kind} `{key}`, and several have that name: {}",
            ids.join(", ")
        ),
    )
    .about(address)
    .help(format!(
        "say which one it is with `makeform import {address} ID`, or delete the others"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Settlement, settle};
    use crate::model::{
        Account, Address, ApplyId, Binding, Bindings, Creates, Directory, Facts, Field, Intent,
        Kind, Live, Reading, RemoteId, Sequence, Snapshot, Spec, spec::FolderSpec,
    };

    fn snapshot(folders: &[(u64, &str)]) -> Snapshot {
        let live = |(id, name): &(u64, &str)| {
            let id = RemoteId::Int(*id);
            let spec = Spec::Folder(FolderSpec {
                name: (*name).to_owned(),
                parent: Field::Null,
            });
            let facts = Facts::default();
            (id.clone(), Live { id, spec, facts })
        };
        Snapshot {
            account: Account {
                host: "sandbox".into(),
                dialect: crate::model::Dialect::Zone,
                organization: 1,
                organization_name: "Sandbox".into(),
                team: 1,
                team_name: "Sandbox team".into(),
                timezone: None,
                minimum_interval: None,
                licence: crate::model::Licence::default(),
                own_user: None,
            },
            live: BTreeMap::from([(Kind::Folder, folders.iter().map(live).collect())]),
            reading: BTreeMap::from([(Kind::Folder, Reading::Whole)]),
            directory: Directory::default(),
            functions: None,
        }
    }

    fn create(sequence: u64, address: &str, existing: &[u64]) -> Intent {
        Intent {
            sequence: Sequence(sequence),
            apply: ApplyId(1),
            address: address.parse().unwrap(),
            what: "create folder".into(),
            id: None,
            creates: Some(Creates {
                key: "CRM".into(),
                existing: existing.iter().copied().map(RemoteId::Int).collect(),
                sent: None,
                since: None,
            }),
            before: None,
            editor: None,
            hidden: Vec::new(),
            owes: None,
        }
    }

    fn bound(pairs: &[(&str, u64)]) -> Bindings {
        let binding = |id| Binding::bare(RemoteId::Int(id));
        Bindings {
            identity: None,
            by_address: pairs
                .iter()
                .map(|(address, id)| (address.parse().unwrap(), binding(*id)))
                .collect(),
        }
    }

    fn found(settlement: &Settlement) -> Vec<(String, u64)> {
        let pair = |(address, id, _): &(Address, RemoteId, Sequence)| {
            (address.to_string(), id.as_int().unwrap())
        };
        settlement.bound.iter().map(pair).collect()
    }

    #[test]
    fn a_lost_create_is_the_one_object_that_is_new_and_nobodys() {
        let snapshot = snapshot(&[(1, "CRM"), (2, "CRM"), (3, "CRM"), (4, "Other")]);
        let pending = [create(7, "folder.crm", &[1])];
        let bindings = bound(&[("folder.third", 3)]);
        let settlement = settle(&pending, &bindings, &snapshot);
        assert_eq!(found(&settlement), [("folder.crm".to_owned(), 2)]);

        let mut after = bindings;
        settlement.apply_to(&mut after);
        assert_eq!(after.by_address.len(), 2);
        assert_eq!(
            settle(&pending, &after, &snapshot).closed,
            [Sequence(7)],
            "what is bound is settled"
        );
    }

    #[test]
    fn what_is_older_by_makes_own_clock_is_not_what_a_create_has_made() {
        let mut snapshot = snapshot(&[(1, "CRM")]);
        let mut pending = [create(7, "folder.crm", &[])];
        let at = |text: &str| text.parse().unwrap();
        for folder in snapshot.live.get_mut(&Kind::Folder).unwrap().values_mut() {
            folder.facts.edited_at = Some(at("2026-01-01T10:00:00Z"));
        }
        for (since, is_found) in [
            ("2026-01-01T10:00:01Z", false),
            ("2026-01-01T10:00:00Z", true),
        ] {
            pending[0].creates.as_mut().unwrap().since = Some(at(since));
            let settled = settle(&pending, &Bindings::default(), &snapshot);
            assert_eq!(settled.bound.len() == 1, is_found, "{since}");
        }
    }

    #[test]
    fn a_create_that_made_nothing_is_closed_and_several_candidates_are_asked_about() {
        let pending = [create(7, "folder.crm", &[1])];
        let nothing = settle(&pending, &Bindings::default(), &snapshot(&[(1, "CRM")]));
        assert_eq!(nothing.closed, [Sequence(7)]);

        let several = snapshot(&[(1, "CRM"), (2, "CRM"), (3, "CRM")]);
        let settlement = settle(&pending, &Bindings::default(), &several);
        assert!(settlement.closed.is_empty() && settlement.bound.is_empty());
        let [finding] = settlement.unclear.as_slice() else {
            panic!("{settlement:?}");
        };
        assert!(finding.message.ends_with("several have that name: 2, 3"));
    }

    #[test]
    fn what_one_create_has_made_no_other_has() {
        let pending = [create(7, "folder.a", &[]), create(8, "folder.b", &[])];
        let settlement = settle(&pending, &Bindings::default(), &snapshot(&[(1, "CRM")]));
        assert_eq!(found(&settlement), [("folder.a".to_owned(), 1)]);
        assert_eq!(settlement.closed, [Sequence(8)]);
    }

    #[test]
    fn an_account_half_read_settles_no_create() {
        let mut snapshot = snapshot(&[(1, "CRM")]);
        let half = Reading::Partial("page 2 was lost".into());
        snapshot.reading.insert(Kind::Folder, half);
        let pending = [create(7, "folder.crm", &[])];
        let settlement = settle(&pending, &Bindings::default(), &snapshot);
        assert_eq!(settlement.unclear.len(), 1);
        assert!(settlement.closed.is_empty() && settlement.bound.is_empty());
    }

    #[test]
    fn a_lost_change_shows_in_the_snapshot_and_needs_no_more() {
        let mut change = create(7, "folder.crm", &[]);
        change.creates = None;
        let settlement = settle(&[change], &Bindings::default(), &snapshot(&[]));
        assert_eq!(settlement.closed, [Sequence(7)]);
    }
}
