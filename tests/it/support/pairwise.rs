//! Few rows of settings in which every two settings of two different questions meet.

use std::collections::{BTreeMap, BTreeSet};

/// Two settings of two questions, the earlier question first: (question, setting).
type Pair = ((usize, usize), (usize, usize));

/// How many rows are thought of for each that is taken.
const TRIES: usize = 10;

/// Rows with a setting for each question, by index, so that every pair of settings of two
/// different questions occurs in one of them. `counts`: how many settings each question has.
///
/// Greedy: of some rows that can be thought of, each with the questions in another order, the one
/// is taken that meets the most pairs which are still missing. The same counts give the same rows.
pub(crate) fn pairwise(counts: &[usize]) -> Vec<Vec<usize>> {
    let mut missing = pairs(counts);
    let mut rows = Vec::new();
    while !missing.is_empty() {
        let met = |row: &Vec<usize>| {
            let pairs = pairs_of(row).filter(|pair| missing.contains(pair));
            pairs.count()
        };
        let tries = (0..TRIES).map(|number| thought_of(counts, &missing, number));
        let row = tries.max_by_key(met).unwrap();
        for pair in pairs_of(&row) {
            missing.remove(&pair);
        }
        rows.push(row);
    }
    rows
}

/// A row that begins with a missing pair; each further question takes the setting that meets the
/// most missing ones, and of equal ones that of which the most are missing anywhere.
fn thought_of(counts: &[usize], missing: &BTreeSet<Pair>, number: usize) -> Vec<usize> {
    let mut left = BTreeMap::new();
    for setting in missing.iter().flat_map(|(one, other)| [*one, *other]) {
        *left.entry(setting).or_insert(0) += 1;
    }
    let first = missing.iter().nth(number * missing.len() / TRIES);
    let ((first, one), (second, other)) = *first.unwrap();
    let mut row: Vec<Option<usize>> = vec![None; counts.len()];
    row[first] = Some(one);
    row[second] = Some(other);
    for question in 0..counts.len() {
        let question = (question + number * counts.len() / TRIES) % counts.len();
        if row[question].is_none() {
            let gain = |setting: usize| {
                let here = (question, setting);
                let met = row.iter().enumerate();
                let met = met
                    .filter_map(|(other, chosen)| Some((other, (*chosen)?)))
                    .filter(|with| missing.contains(&pair(here, *with)));
                (met.count(), left.get(&here).copied().unwrap_or(0))
            };
            row[question] = (0..counts[question]).max_by_key(|setting| gain(*setting));
        }
    }
    row.into_iter().flatten().collect()
}

/// All pairs that have to occur.
pub(crate) fn pairs(counts: &[usize]) -> BTreeSet<Pair> {
    let settings = |question: usize| (0..counts[question]).map(move |setting| (question, setting));
    let questions = 0..counts.len();
    questions
        .flat_map(|one| (one + 1..counts.len()).map(move |other| (one, other)))
        .flat_map(|(one, other)| {
            settings(one).flat_map(move |one| settings(other).map(move |other| (one, other)))
        })
        .collect()
}

/// All pairs that occur in a row.
pub(crate) fn pairs_of(row: &[usize]) -> impl Iterator<Item = Pair> {
    let settings = || row.iter().copied().enumerate();
    settings().flat_map(move |one| {
        let others = settings().skip(one.0 + 1);
        others.map(move |other| (one, other))
    })
}

fn pair(one: (usize, usize), other: (usize, usize)) -> Pair {
    (one.min(other), one.max(other))
}

#[test]
fn every_pair_occurs_in_few_rows() {
    for counts in [vec![2, 2], vec![2, 3, 4], vec![2; 40], vec![3; 13]] {
        let rows = pairwise(&counts);
        let met: BTreeSet<Pair> = rows.iter().flat_map(|row| pairs_of(row)).collect();
        assert_eq!(met, pairs(&counts), "{counts:?}");
        assert!(rows.iter().all(|row| row.len() == counts.len()));
        assert!(rows.len() <= 24, "{} rows for {counts:?}", rows.len());
        assert_eq!(rows, pairwise(&counts));
    }
}
