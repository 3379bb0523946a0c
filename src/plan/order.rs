//! The order of steps: what others stand on comes first, else by address.
//!
//! What is replaced takes the scenarios that use it down until they have the new one. So it is
//! replaced when nothing else is left that could be done before, and they come right after it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Address;

/// What a step stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Things that the plan makes: without their ids the step can't be sent.
    pub(super) made: BTreeSet<Address>,
    /// Things that exist, but had better be in their new state before.
    pub(super) settled: BTreeSet<Address>,
    /// Those of `made` without which a first part of the step can be sent.
    pub(super) later: BTreeSet<Address>,
    /// Whether what uses it is down until it has the new one.
    pub(super) replaced: bool,
}

/// Steps in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ordered {
    /// Each step with what it waits for.
    pub(super) steps: Vec<(Address, BTreeSet<Address>)>,
    /// Steps that are sent in two parts, with what the second one waits for.
    pub(super) later: BTreeMap<Address, BTreeSet<Address>>,
    /// Things that can't be made because each needs another's id; the first is named again at
    /// the end.
    pub(super) cycles: Vec<Vec<Address>>,
}

/// Orders steps. Needs that name no step are dropped, and so are those for things that exist
/// where things need each other.
pub(super) fn order(steps: &BTreeMap<Address, Needs>) -> Ordered {
    let mut queue = Queue::new(steps);
    let mut ordered = Ordered::default();
    while ordered.steps.len() < steps.len() {
        let Some(address) = queue.next(steps) else {
            ordered.cycles.extend(queue.loosen(steps));
            continue;
        };
        queue.done(address, steps);
        let needs = queue.needs.remove(address).unwrap_or_default();
        let needs = needs.into_iter().cloned().collect();
        ordered.steps.push((address.clone(), needs));
    }
    let parted = queue.later.into_iter();
    ordered.later = parted
        .map(|(address, needs)| (address.clone(), needs.into_iter().cloned().collect()))
        .collect();
    ordered
}

struct Queue<'s> {
    /// What each step stands on.
    needs: BTreeMap<&'s Address, BTreeSet<&'s Address>>,
    /// The part of it that is not done yet; steps that wait for nothing are not here.
    open: BTreeMap<&'s Address, BTreeSet<&'s Address>>,
    /// Who waits for a step.
    users: BTreeMap<&'s Address, BTreeSet<&'s Address>>,
    ready: BTreeSet<&'s Address>,
    /// Those of them whose scenarios are down.
    down: BTreeSet<&'s Address>,
    /// The needs that steps in two parts have put off.
    later: BTreeMap<&'s Address, BTreeSet<&'s Address>>,
}

impl<'s> Queue<'s> {
    fn new(steps: &'s BTreeMap<Address, Needs>) -> Self {
        let mut queue = Self {
            needs: BTreeMap::new(),
            open: BTreeMap::new(),
            users: BTreeMap::new(),
            ready: BTreeSet::new(),
            down: BTreeSet::new(),
            later: BTreeMap::new(),
        };
        for (address, needs) in steps {
            let known: BTreeSet<&Address> = needs
                .made
                .union(&needs.settled)
                .filter(|need| *need != address || needs.made.contains(*need))
                .filter(|need| steps.contains_key(*need))
                .collect();
            for need in &known {
                queue.users.entry(*need).or_default().insert(address);
            }
            if known.is_empty() {
                queue.ready.insert(address);
            } else {
                queue.open.insert(address, known.clone());
            }
            queue.needs.insert(address, known);
        }
        queue
    }

    /// The step that comes next, of those that wait for nothing.
    fn next(&mut self, steps: &BTreeMap<Address, Needs>) -> Option<&'s Address> {
        let is_replaced =
            |address: &Address| steps.get(address).is_some_and(|needs| needs.replaced);
        let down = self.ready.intersection(&self.down).next();
        let other = || self.ready.iter().find(|address| !is_replaced(address));
        let next = down.or_else(other).or_else(|| self.ready.first());
        let next = next.copied()?;
        self.ready.remove(next);
        Some(next)
    }

    fn done(&mut self, address: &'s Address, steps: &BTreeMap<Address, Needs>) {
        let users = self.users.remove(address).unwrap_or_default();
        if steps.get(address).is_some_and(|needs| needs.replaced) {
            self.down.extend(&users);
        }
        for user in users {
            self.release(user, address);
        }
    }

    /// A step waits no longer for another.
    fn release(&mut self, user: &'s Address, need: &'s Address) {
        if let Some(open) = self.open.get_mut(user) {
            open.remove(need);
            if open.is_empty() {
                self.open.remove(user);
                self.ready.insert(user);
            }
        }
    }

    /// Where every step that is left waits for another: drops one need of a cycle, one for a
    /// thing that exists if there is one, else one that a step in two parts can put off. Gives
    /// back the cycle if there is neither.
    fn loosen(&mut self, steps: &'s BTreeMap<Address, Needs>) -> Option<Vec<Address>> {
        let cycle = self.find_cycle();
        let links = cycle.iter().zip(cycle.iter().cycle().skip(1));
        let weak = links.clone().find(|(address, need)| {
            let needs = steps.get(**address);
            needs.is_some_and(|needs| !needs.made.contains(**need))
        });
        let parted = links.clone().find(|(address, need)| {
            let needs = steps.get(**address);
            weak.is_none() && needs.is_some_and(|needs| needs.later.contains(**need))
        });
        let (address, need) = weak.or(parted).or_else(|| links.clone().next())?;
        if parted.is_some() {
            self.later.entry(address).or_default().insert(need);
        }
        if let Some(needs) = self.needs.get_mut(address) {
            needs.remove(need);
        }
        self.release(address, need);
        let whole = cycle.iter().chain(cycle.first());
        (weak.is_none() && parted.is_none())
            .then(|| whole.map(|address| (*address).clone()).collect())
    }

    fn find_cycle(&self) -> Vec<&'s Address> {
        let mut path: Vec<&Address> = Vec::new();
        let mut next = self.open.keys().next().copied();
        while let Some(address) = next {
            if let Some(at) = path.iter().position(|seen| *seen == address) {
                return path.split_off(at);
            }
            path.push(address);
            next = self.open.get(address).and_then(BTreeSet::first).copied();
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{Needs, order};
    use crate::model::Address;

    fn address(name: &str) -> Address {
        format!("scenario.{name}").parse().unwrap()
    }

    /// `a: b c? d+` is a step that needs `b` made, `c` settled, and `d` made before its second
    /// part; `a!:` one that is replaced.
    fn steps(lines: &[&str]) -> BTreeMap<Address, Needs> {
        lines
            .iter()
            .map(|line| {
                let (name, rest) = line.split_once(':').unwrap();
                let mut needs = Needs::default();
                for need in rest.split_whitespace() {
                    if let Some(need) = need.strip_suffix('?') {
                        needs.settled.insert(address(need));
                    } else {
                        let made = need.strip_suffix('+');
                        needs.later.extend(made.map(address));
                        needs.made.insert(address(made.unwrap_or(need)));
                    }
                }
                needs.replaced = name.ends_with('!');
                (address(name.trim_end_matches('!')), needs)
            })
            .collect()
    }

    fn names(lines: &[&str]) -> (String, Vec<String>) {
        let ordered = order(&steps(lines));
        let join = |list: &[Address]| {
            list.iter()
                .map(|address| address.name.as_str())
                .collect::<Vec<_>>()
                .join(" ")
        };
        let steps: Vec<Address> = ordered
            .steps
            .into_iter()
            .map(|(address, _)| address)
            .collect();
        (
            join(&steps),
            ordered.cycles.iter().map(|c| join(c)).collect(),
        )
    }

    #[test]
    fn steps_come_by_address_after_what_they_stand_on() {
        assert_eq!(names(&["a: z", "b:", "c: a gone", "z:"]).0, "b z a c");
    }

    #[test]
    fn users_of_what_is_replaced_come_right_after_it_and_all_else_before() {
        let steps = ["a!:", "b:", "c!:", "d: a c e", "e:", "f: a", "g: b"];
        assert_eq!(names(&steps).0, "b e g a f c d");
    }

    #[test]
    fn a_cycle_is_broken_at_a_step_that_can_be_sent_in_two_parts() {
        let ordered = order(&steps(&[
            "scenario: hook+ other",
            "hook: scenario",
            "other:",
        ]));
        let names: Vec<&str> = ordered
            .steps
            .iter()
            .map(|(at, _)| at.name.as_str())
            .collect();
        assert_eq!(names, ["other", "scenario", "hook"]);
        assert!(ordered.cycles.is_empty());
        let parted = &ordered.later[&address("scenario")];
        assert_eq!(*parted, BTreeSet::from([address("hook")]));
        // What needs no second part gets none.
        let plain = order(&steps(&["scenario: hook+", "hook:"]));
        assert!(plain.later.is_empty());
    }

    #[test]
    fn a_cycle_is_broken_where_a_thing_exists_and_told_where_none_does() {
        assert_eq!(names(&["a: b", "b: c?", "c: a"]), ("b a c".into(), vec![]));
        let (order, cycles) = names(&["a: b", "b: c", "c: a", "d: c"]);
        assert_eq!(cycles, ["a b c a"]);
        assert_eq!(order.split(' ').count(), 4);
        assert_eq!(names(&["a: a"]).1, ["a a"]);
    }
}
