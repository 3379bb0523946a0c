//! The order of steps: what others stand on comes first, else by address.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Address;

/// What a step stands on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Needs {
    /// Things that the plan makes: without their ids the step can't be sent.
    pub(super) made: BTreeSet<Address>,
    /// Things that exist, but had better be in their new state before.
    pub(super) settled: BTreeSet<Address>,
}

/// Steps in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Ordered {
    /// Each step with what it waits for.
    pub(super) steps: Vec<(Address, BTreeSet<Address>)>,
    /// Things that can't be made because each needs another's id; the first is named again at
    /// the end.
    pub(super) cycles: Vec<Vec<Address>>,
}

/// Orders steps. Needs that name no step are dropped, and so are those for things that exist
/// where things need each other.
pub(super) fn order(steps: &BTreeMap<Address, Needs>) -> Ordered {
    let mut waiting: BTreeMap<&Address, BTreeSet<&Address>> = steps
        .iter()
        .map(|(address, needs)| {
            let all = needs.made.union(&needs.settled);
            let known = all.filter(|need| *need != address || needs.made.contains(*need));
            (
                address,
                known.filter(|need| steps.contains_key(*need)).collect(),
            )
        })
        .collect();
    let mut waiters: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, needs) in &waiting {
        for need in needs {
            waiters.entry(need).or_default().push(address);
        }
    }
    let mut ordered = Ordered::default();
    let mut done: BTreeSet<&Address> = BTreeSet::new();
    let mut ready: BTreeSet<&Address> = waiting
        .iter()
        .filter(|(_, needs)| needs.is_empty())
        .map(|(address, _)| *address)
        .collect();
    while !waiting.is_empty() {
        let next = ready.pop_first();
        let freed = match next {
            Some(address) => {
                done.insert(address);
                waiters.remove(address).unwrap_or_default()
            }
            None => loosen(steps, &mut waiting, &done, &mut ordered.cycles),
        };
        ready.extend(freed.into_iter().filter(|waiter| {
            let needs = waiting.get(waiter);
            needs.is_some_and(|needs| needs.is_subset(&done))
        }));
        if let Some(address) = next
            && let Some(needs) = waiting.remove(address)
        {
            let needs = needs.into_iter().cloned().collect();
            ordered.steps.push((address.clone(), needs));
        }
    }
    ordered
}

/// Where every step that is left waits for another: drops one need of a cycle. Gives the step
/// that had it.
fn loosen<'s>(
    steps: &'s BTreeMap<Address, Needs>,
    waiting: &mut BTreeMap<&'s Address, BTreeSet<&'s Address>>,
    done: &BTreeSet<&'s Address>,
    cycles: &mut Vec<Vec<Address>>,
) -> Vec<&'s Address> {
    let cycle = find_cycle(waiting, done);
    let links = cycle.iter().zip(cycle.iter().cycle().skip(1));
    let weak = links.clone().find(|(address, need)| {
        steps
            .get(**address)
            .is_some_and(|needs| !needs.made.contains(**need))
    });
    let broken = weak.or_else(|| links.clone().next());
    if weak.is_none() {
        let whole = cycle.iter().chain(cycle.first());
        cycles.push(whole.map(|address| (*address).clone()).collect());
    }
    if let Some((address, need)) = broken
        && let Some(needs) = waiting.get_mut(address)
    {
        needs.remove(need);
    }
    broken.map(|(address, _)| *address).into_iter().collect()
}

/// A cycle among steps of which each waits for another.
fn find_cycle<'s>(
    waiting: &BTreeMap<&'s Address, BTreeSet<&'s Address>>,
    done: &BTreeSet<&'s Address>,
) -> Vec<&'s Address> {
    let mut path: Vec<&Address> = Vec::new();
    let mut next = waiting.keys().next().copied();
    while let Some(address) = next {
        if let Some(at) = path.iter().position(|seen| *seen == address) {
            return path.split_off(at);
        }
        path.push(address);
        next = waiting
            .get(address)
            .and_then(|needs| needs.iter().find(|need| !done.contains(*need)).copied());
    }
    path
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Needs, order};
    use crate::model::Address;

    /// `a: b c?` is a step that needs `b` made, and `c` settled.
    fn steps(lines: &[&str]) -> BTreeMap<Address, Needs> {
        let address = |name: &str| format!("scenario.{name}").parse::<Address>().unwrap();
        lines
            .iter()
            .map(|line| {
                let (name, rest) = line.split_once(':').unwrap();
                let mut needs = Needs::default();
                for need in rest.split_whitespace() {
                    match need.strip_suffix('?') {
                        Some(need) => needs.settled.insert(address(need)),
                        None => needs.made.insert(address(need)),
                    };
                }
                (address(name), needs)
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
    fn a_cycle_is_broken_where_a_thing_exists_and_told_where_none_does() {
        assert_eq!(names(&["a: b", "b: c?", "c: a"]), ("b a c".into(), vec![]));
        let (order, cycles) = names(&["a: b", "b: c", "c: a", "d: c"]);
        assert_eq!(cycles, ["a b c a"]);
        assert_eq!(order.split(' ').count(), 4);
        assert_eq!(names(&["a: a"]).1, ["a a"]);
    }
}
