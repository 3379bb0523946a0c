//! Invented blueprints with the sizes, shapes and traps of real ones, as Make's editor exports
//! them.
//!
//! In go a seed, what the team has to be named, a size and a first module; out comes the JSON of
//! one blueprint. The sizes follow a measurement of published blueprints; the words are made up.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::dice::{count, quantile};
use super::reference::{Named, Pool};
use super::trap::Trap;
use super::tree::Tree;

/// How large a blueprint is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Modules in all, orphans apart.
    pub modules: usize,
    /// Levels of flows: 1 has no routes, handlers, branches or tools.
    pub depth: usize,
    /// How much the editor wrote about each module: 1.0 is the usual.
    pub richness: f64,
}

impl Size {
    /// A size as it is met: half have four modules or fewer, one in a thousand is a giant.
    #[must_use]
    pub fn usual(rng: &mut Rng) -> Self {
        let modules = count(
            rng,
            &[
                (0.0, 0.6),
                (0.25, 3.0),
                (0.5, 4.0),
                (0.75, 7.0),
                (0.95, 21.0),
                (0.99, 40.0),
                (1.0, 87.0),
            ],
        );
        let depth = count(
            rng,
            &[(0.0, 1.0), (0.6, 1.4), (0.75, 2.0), (0.95, 3.0), (1.0, 7.0)],
        );
        let richness = quantile(
            rng,
            &[
                (0.0, 0.3),
                (0.25, 0.7),
                (0.5, 0.95),
                (0.75, 1.3),
                (0.95, 2.2),
                (1.0, 5.0),
            ],
        );
        Self {
            modules,
            depth: depth.max(1 + modules / 16),
            richness,
        }
    }
}

/// What a blueprint begins with.
#[derive(Clone, Debug)]
pub enum Start {
    /// A hook that feeds this scenario alone; its type decides the module.
    Hook(Named),
    /// A module that asks for news on a schedule.
    Polling,
    /// A call by another scenario.
    Called,
}

/// Makes blueprints, one after another, from a seed.
#[derive(Debug)]
pub struct Generator<'a> {
    rng: Rng,
    pool: &'a Pool,
}

impl<'a> Generator<'a> {
    /// A generator for a team that has what `pool` holds.
    #[must_use]
    pub fn new(seed: u64, pool: &'a Pool) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            pool,
        }
    }

    /// A blueprint with as many traps as real ones have.
    pub fn blueprint(&mut self, name: &str, start: &Start, size: Size) -> Value {
        let traps = Trap::roll(&mut self.rng);
        self.build(name, start, size, traps)
    }

    /// A blueprint with every trap in it.
    pub fn trapped_blueprint(&mut self, name: &str, start: &Start, size: Size) -> Value {
        self.build(name, start, size, Trap::all())
    }

    fn build(&mut self, name: &str, start: &Start, size: Size, traps: Vec<Trap>) -> Value {
        let modules = size.modules.max(1);
        let depth = size.depth.clamp(1, modules.saturating_sub(1).max(1));
        let mut tree = Tree::new(
            self.rng.fork(),
            self.pool,
            Size {
                modules,
                depth,
                ..size
            },
            traps,
        );
        let mut earlier = Vec::new();
        let mut flow = tree.flow(Some(start), modules, depth, &mut earlier);
        let io = tree.io(&mut flow);
        let metadata = tree.metadata(start, &earlier);

        let mut blueprint = Map::new();
        blueprint.insert("name".to_owned(), json!(name));
        blueprint.insert("flow".to_owned(), Value::Array(flow));
        blueprint.insert("metadata".to_owned(), metadata);
        blueprint.extend(io.map(|io| ("io".to_owned(), io)));
        Value::Object(blueprint)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Generator, Size, Start};
    use crate::sandbox::seed::sample::{blueprints, pool};

    /// The level of each module.
    fn levels(flow: &Value, level: usize) -> Vec<usize> {
        let mut found = Vec::new();
        for module in flow.as_array().into_iter().flatten() {
            found.push(level);
            found.extend(levels(&module["onerror"], level + 1));
            for key in ["routes", "branches", "tools"] {
                let parts = module[key].as_array().into_iter().flatten();
                found.extend(parts.flat_map(|part| levels(&part["flow"], level + 1)));
            }
        }
        found
    }

    #[test]
    fn a_blueprint_is_as_large_and_as_deep_as_asked() {
        let pool = pool();
        let mut generator = Generator::new(3, &pool);
        for (modules, depth) in [(1, 1), (2, 1), (3, 2), (4, 3), (8, 7), (30, 4), (87, 7)] {
            for start in [Start::Polling, Start::Called] {
                let size = Size {
                    modules,
                    depth,
                    richness: 1.0,
                };
                let blueprint = generator.blueprint("Exact", &start, size);
                let found = levels(&blueprint["flow"], 1);
                assert_eq!((found.len(), found.iter().max()), (modules, Some(&depth)));
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_blueprints() {
        assert_eq!(
            format!("{:?}", blueprints(9, 20)),
            format!("{:?}", blueprints(9, 20))
        );
        assert_ne!(blueprints(9, 1), blueprints(10, 1));
    }

    #[test]
    fn sizes_are_those_of_real_blueprints() {
        let all = blueprints(7, 1_000);
        let sizes = all.iter().map(|blueprint| blueprint.to_string().len());
        assert_near(sizes.collect(), [7_000, 11_000, 22_000, 68_000]);
        let flows: Vec<_> = all
            .iter()
            .map(|blueprint| levels(&blueprint["flow"], 1))
            .collect();
        assert_near(flows.iter().map(Vec::len).collect(), [3, 4, 7, 22]);
        let depths = flows
            .iter()
            .map(|levels| levels.iter().copied().max().unwrap_or(0));
        assert_near(depths.collect(), [1, 1, 2, 3]);
    }

    /// Compares the quartiles, and the value below which 95 of 100 lie, with measured ones.
    fn assert_near(mut values: Vec<usize>, measured: [usize; 4]) {
        values.sort_unstable();
        let found = [25, 50, 75, 95].map(|percent| values[values.len() * percent / 100]);
        for (found, measured) in found.into_iter().zip(measured) {
            let band = measured * 6 / 10..=measured * 15 / 10;
            assert!(band.contains(&found), "{found} is far from {measured}");
        }
    }
}
