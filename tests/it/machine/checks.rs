//! What has to hold.

use std::collections::BTreeSet;

use makeform::cli::Ran;

use super::{
    account::SORTS_OF_THINGS,
    state::{IN_USE, Machine},
};
use crate::support::trial::Asked;

/// What a namesake of somebody else's may be the reason for.
const CONFUSED: [&str; 2] = ["ambiguous-name", "create-unsettled"];

impl Machine {
    #[track_caller]
    pub(super) fn holds(&self, is_so: bool, what: &str) {
        assert!(is_so, "{}: {what}", self.at);
    }

    pub(super) fn check_account(&mut self) {
        self.check_strangers();
        self.check_twins();
    }

    /// What nobody has adopted is as somebody made it.
    pub(super) fn check_strangers(&mut self) {
        // What was adopted is ours from then on.
        let ours = self.ours();
        let adopted = self.strangers.keys().filter(|object| ours.contains(object));
        self.adopted.extend(adopted);
        self.strangers.retain(|object, _| !ours.contains(object));
        for ((sort, id), was) in &self.strangers {
            let now = self.object(*sort, *id);
            let told = format!("{sort:?} {id} is nobody's: {was}, {now:?}");
            self.holds(now.as_ref() == Some(was), &told);
        }
    }

    pub(super) fn check_twins(&self) {
        for sort in SORTS_OF_THINGS {
            let mut titles = BTreeSet::new();
            for (id, row) in self.objects(sort) {
                let title = row["name"].to_string();
                let is_new =
                    self.strangers.contains_key(&(sort, id)) || titles.insert(title.clone());
                self.holds(is_new, &format!("{sort:?} {title} is there twice"));
            }
        }
    }

    /// An apply without a fault goes well, unless namesakes confuse it.
    pub(super) fn check_apply(&mut self, ran: &Ran) {
        if ran.code != 0 {
            return self.check_confused(ran);
        }
        let (plan, _) = self.run(&["plan", "--detailed-exitcode"], None);
        self.holds(
            plan.code == 0,
            &format!("a complete apply leaves no changes:\n{}", plan.stdout),
        );
    }

    pub(super) fn check_confused(&self, ran: &Ran) {
        let said = format!("{}{}", ran.stdout, ran.stderr);
        let is_confused = CONFUSED.iter().any(|code| said.contains(code));
        let is_expected = (is_confused && !self.strangers.is_empty()) || said.contains(IN_USE);
        self.holds(
            ran.code == 1 && is_expected,
            &format!("it ends with {}:\n{said}", ran.code),
        );
    }

    pub(super) fn check_refused(&self, ran: &Ran, asked: &[Asked]) {
        self.holds(matches!(ran.code, 1 | 3), "it is refused");
        let is_read = asked.iter().all(|asked| asked.method.is_read());
        self.holds(
            is_read,
            &format!("what is refused writes nothing:\n{}", ran.stdout),
        );
    }

    /// What was adopted is nobody's again when that is undone.
    pub(super) fn release(&mut self) {
        let ours = self.ours();
        for (sort, id) in std::mem::take(&mut self.adopted) {
            match self.object(sort, id) {
                _ if ours.contains(&(sort, id)) => {
                    self.adopted.insert((sort, id));
                }
                Some(row) => {
                    self.strangers.insert((sort, id), row);
                }
                None => {}
            }
        }
    }
}
