//! Choices made with a seeded generator: of a table, by weight, along a measured distribution.
//!
//! Only additions and multiplications of floats happen here: they give the same result on every
//! machine, which logarithms would not.

use fastrand::Rng;

/// One entry of a table; the type's default if the table is empty.
pub(super) fn pick<T: Copy + Default>(rng: &mut Rng, table: &[T]) -> T {
    rng.choice(table).copied().unwrap_or_default()
}

/// Whether something that happens in so many of a thousand cases happens in this one.
pub(super) fn chance(rng: &mut Rng, per_mille: u32) -> bool {
    rng.u32(..1000) < per_mille
}

/// One entry of a table, as often as its weight says; none if all weights are zero.
pub(super) fn weighted<T: Copy>(rng: &mut Rng, table: &[(u32, T)]) -> Option<T> {
    let total: u32 = table.iter().map(|(weight, _)| weight).sum();
    let mut left = rng.u32(..total.max(1));
    table
        .iter()
        .find(|(weight, _)| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        })
        .map(|(_, entry)| *entry)
}

/// A number from a distribution given by its quantiles, straight lines between them.
///
/// Each pair is a share of the cases (rising, from 0 to 1) and the value that bounds it.
pub(super) fn quantile(rng: &mut Rng, curve: &[(f64, f64)]) -> f64 {
    let share = rng.f64();
    curve
        .iter()
        .zip(curve.iter().skip(1))
        .find(|(_, (to, _))| share < *to)
        .map_or(0.0, |((from, low), (to, high))| {
            low + (high - low) * (share - from) / (to - from)
        })
}

/// Like [`quantile`], for things that are counted.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the curves hold small counts that are not negative"
)]
pub(super) fn count(rng: &mut Rng, curve: &[(f64, f64)]) -> usize {
    (quantile(rng, curve) + 0.5) as usize
}

#[cfg(test)]
mod tests {
    use super::{quantile, weighted};

    #[test]
    fn weights_and_quantiles_are_kept() {
        let mut rng = fastrand::Rng::with_seed(1);
        let mut threes = 0;
        let mut below = 0;
        for _ in 0..10_000 {
            threes += u32::from(weighted(&mut rng, &[(1, 'a'), (0, 'b'), (3, 'c')]) == Some('c'));
            below += u32::from(quantile(&mut rng, &[(0.0, 1.0), (0.5, 4.0), (1.0, 90.0)]) < 4.0);
        }
        assert!((7_300..7_700).contains(&threes), "{threes}");
        assert!((4_800..5_200).contains(&below), "{below}");
    }
}
