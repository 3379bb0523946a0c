//! What goes wrong with real blueprints, put into invented ones as often as it is met.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::dice::{chance, pick};
use super::words;

/// Something in a real blueprint that has broken a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Trap {
    /// A string that YAML 1.1 takes for something else.
    YamlLookalike,
    /// A string of several lines.
    ManyLines,
    /// A line that ends in blanks.
    TrailingBlanks,
    /// CR inside a string.
    CarriageReturn,
    /// TAB inside a string.
    Tab,
    /// A character outside the Basic Multilingual Plane.
    Astral,
    /// A character without width.
    ZeroWidth,
    /// A blank at which no line may break.
    NoBreakSpace,
    /// A string of thousands of characters.
    Longest,
    /// Object keys that are numbers.
    NumericKeys,
    /// A key with a blank.
    BlankInKey,
    /// A key with a dot.
    DotInKey,
    /// A key with back-ticks or braces.
    SyntaxInKey,
    /// `mapper: null` on a module that could have one.
    NullMapper,
    /// No mapper on a module that could have one.
    NoMapper,
    /// No parameters on a module that could have some.
    NoParameters,
    /// Two modules with one id.
    IdTwice,
    /// A module id that is no integer.
    OddId,
}

impl Trap {
    /// How many of a thousand blueprints get it planted, beside those that have it by nature.
    fn planted(self) -> u32 {
        match self {
            Self::YamlLookalike => 800,
            Self::ManyLines => 500,
            Self::TrailingBlanks => 125,
            Self::CarriageReturn | Self::Astral => 160,
            Self::Tab => 75,
            Self::ZeroWidth => 30,
            Self::NoBreakSpace => 15,
            Self::Longest => 8,
            Self::NumericKeys => 80,
            Self::BlankInKey => 33,
            Self::DotInKey => 9,
            Self::SyntaxInKey | Self::OddId => 8,
            Self::NullMapper => 10,
            Self::NoMapper => 30,
            Self::NoParameters => 60,
            Self::IdTwice => 5,
        }
    }

    const ALL: [Self; 18] = [
        Self::YamlLookalike,
        Self::ManyLines,
        Self::TrailingBlanks,
        Self::CarriageReturn,
        Self::Tab,
        Self::Astral,
        Self::ZeroWidth,
        Self::NoBreakSpace,
        Self::Longest,
        Self::NumericKeys,
        Self::BlankInKey,
        Self::DotInKey,
        Self::SyntaxInKey,
        Self::NullMapper,
        Self::NoMapper,
        Self::NoParameters,
        Self::IdTwice,
        Self::OddId,
    ];

    /// The traps that one blueprint gets.
    pub(super) fn roll(rng: &mut Rng) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|trap| chance(rng, trap.planted()))
            .collect()
    }

    /// Every trap, for blueprints that shall have them all.
    pub(super) fn all() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    /// Whether it takes away what other traps sit in.
    pub(super) fn strips(self) -> bool {
        matches!(self, Self::NullMapper | Self::NoMapper)
    }

    /// Puts it into a module; says whether the module had a place for it.
    ///
    /// `first_id` is the id of the blueprint's first module, for [`Trap::IdTwice`].
    pub(super) fn plant(
        self,
        rng: &mut Rng,
        module: &mut Map<String, Value>,
        first_id: u64,
    ) -> bool {
        if let Some(text) = self.text(rng) {
            return note(rng, module, json!(text));
        }
        if let Some(key) = self.key(rng) {
            let value = json!({key: words::sentence(rng)});
            return note(rng, module, value);
        }
        match self {
            Self::NullMapper if module.contains_key("mapper") => {
                module.insert("mapper".to_owned(), Value::Null);
                true
            }
            Self::NoMapper => module.shift_remove("mapper").is_some(),
            // Parameters that hold ids or settings stay.
            Self::NoParameters if module.get("parameters").is_some_and(|p| *p == json!({})) => {
                module.shift_remove("parameters").is_some()
            }
            Self::IdTwice if *module.get("id").unwrap_or(&Value::Null) != json!(first_id) => {
                module.insert("id".to_owned(), json!(first_id));
                true
            }
            Self::OddId => {
                let id = rng.u32(100..900);
                let odd = if rng.bool() {
                    json!(format!("{id}-copy"))
                } else {
                    json!(f64::from(id) + 0.5)
                };
                module.insert("id".to_owned(), odd);
                true
            }
            Self::YamlLookalike
            | Self::ManyLines
            | Self::TrailingBlanks
            | Self::CarriageReturn
            | Self::Tab
            | Self::Astral
            | Self::ZeroWidth
            | Self::NoBreakSpace
            | Self::Longest
            | Self::NumericKeys
            | Self::BlankInKey
            | Self::DotInKey
            | Self::SyntaxInKey
            | Self::NullMapper
            | Self::NoParameters
            | Self::IdTwice => false,
        }
    }

    /// The name of a key with the trap in it, for the traps that sit in keys.
    fn key(self, rng: &mut Rng) -> Option<&'static str> {
        let names: &[&str] = match self {
            Self::NumericKeys => &["0", "1", "12"],
            Self::BlankInKey => &["First name", "Due date", "Net amount "],
            Self::DotInKey => &["contact.email", "v1.2", "fields.summary"],
            Self::SyntaxInKey => &["`order`", "{status}", "{{3.key}}"],
            Self::YamlLookalike
            | Self::ManyLines
            | Self::TrailingBlanks
            | Self::CarriageReturn
            | Self::Tab
            | Self::Astral
            | Self::ZeroWidth
            | Self::NoBreakSpace
            | Self::Longest
            | Self::NullMapper
            | Self::NoMapper
            | Self::NoParameters
            | Self::IdTwice
            | Self::OddId => return None,
        };
        Some(pick(rng, names))
    }

    /// A string with the trap in it, for the traps that sit in text.
    pub(super) fn text(self, rng: &mut Rng) -> Option<String> {
        let (one, two) = (words::sentence(rng), words::sentence(rng));
        Some(match self {
            Self::YamlLookalike => pick(rng, LOOKALIKES).to_owned(),
            Self::ManyLines => format!("{one}\n\n- {two}\n- {}\n", words::subject(rng)),
            Self::TrailingBlanks => format!("{one}  \n{two} \nend"),
            Self::CarriageReturn => format!("{one}\r\n{two}\r\n"),
            Self::Tab => format!("{one}\n\t{}\t{two}", words::subject(rng)),
            Self::Astral => format!("{} {one}", pick(rng, ASTRAL)),
            Self::ZeroWidth => format!("{}\u{200b}{one}\u{feff}", words::subject(rng)),
            Self::NoBreakSpace => format!("12\u{a0}000 € {one}"),
            Self::Longest => prompt(rng),
            Self::NumericKeys
            | Self::BlankInKey
            | Self::DotInKey
            | Self::SyntaxInKey
            | Self::NullMapper
            | Self::NoMapper
            | Self::NoParameters
            | Self::IdTwice
            | Self::OddId => return None,
        })
    }
}

/// Puts a value under a key that apps leave to people.
fn note(rng: &mut Rng, module: &mut Map<String, Value>, value: Value) -> bool {
    let Some(Value::Object(mapper)) = module.get_mut("mapper") else {
        return false;
    };
    let mut key = pick(rng, &["note", "text", "comment", "description", "columns"]).to_owned();
    while mapper.contains_key(&key) {
        key.push('2');
    }
    mapper.insert(key, value);
    true
}

/// A prompt as long as the longest string met: about 7,300 characters.
fn prompt(rng: &mut Rng) -> String {
    let mut prompt = String::from("# Role\nYou answer for the support desk.\n\n# Rules\n");
    while prompt.len() < 7_200 {
        prompt.push_str(&format!(
            "- {} {}\n",
            words::sentence(rng),
            words::sentence(rng)
        ));
    }
    prompt
}

/// Strings that YAML 1.1 reads as booleans, nulls, numbers, times and dates.
const LOOKALIKES: &[&str] = &[
    "yes",
    "no",
    "on",
    "off",
    "y",
    "N",
    "true",
    "~",
    "null",
    "1:30",
    "12:30:45",
    "007",
    "0o17",
    "0x1F",
    "1e3",
    "1_000",
    ".5",
    "-.inf",
    "2026-01-31",
    "2026-01-31 06:30:00",
    "=",
    "<<",
    "- a",
    "# no comment",
    "key: value",
    "*star",
    "&and",
    "!bang",
    "%TAG",
    "@at",
    "`tick`",
    "",
];

const ASTRAL: &[&str] = &["🚀", "📦", "𝒩ew", "👩\u{200d}💻", "🇪🇺"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Map, Value};

    use crate::sandbox::seed::blueprint::{Generator, Size, Start};
    use crate::sandbox::seed::sample::{blueprints, pool};
    use crate::sandbox::seed::walk::each_module;

    /// What is met in one blueprint.
    #[derive(Default)]
    struct Contents {
        strings: Vec<String>,
        keys: Vec<String>,
        modules: Vec<Map<String, Value>>,
    }

    impl Contents {
        fn of(mut blueprint: Value) -> Self {
            let mut contents = Self::default();
            contents.add(&blueprint);
            each_module(&mut blueprint, &mut |module| {
                contents.modules.push(module.clone());
            });
            contents
        }

        fn add(&mut self, value: &Value) {
            match value {
                Value::String(text) => self.strings.push(text.clone()),
                Value::Array(values) => values.iter().for_each(|value| self.add(value)),
                Value::Object(fields) => fields.iter().for_each(|(key, value)| {
                    self.keys.push(key.clone());
                    self.add(value);
                }),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }

        fn string(&self, is: impl Fn(&str) -> bool) -> bool {
            self.strings.iter().any(|text| is(text))
        }

        fn key(&self, is: impl Fn(&str) -> bool) -> bool {
            self.keys.iter().any(|key| is(key))
        }

        fn module(&self, is: impl Fn(&Map<String, Value>) -> bool) -> bool {
            self.modules.iter().any(is)
        }

        fn has_id_twice(&self) -> bool {
            let mut seen = BTreeMap::new();
            let ids = self.modules.iter().filter_map(|module| module.get("id"));
            ids.map(Value::to_string)
                .any(|id| seen.insert(id, ()).is_some())
        }
    }

    /// A trap's name, how many of a thousand real blueprints have it, and how it shows.
    type Sign = (&'static str, usize, fn(&Contents) -> bool);

    const SIGNS: [Sign; 18] = [
        ("lookalike", 913, |all| {
            all.string(|text| ["yes", "no", "007", "1:30", "true"].contains(&text))
        }),
        ("many lines", 722, |all| {
            all.string(|text| text.contains('\n'))
        }),
        ("null mapper", 281, |all| {
            all.module(|one| one.get("mapper").is_some_and(Value::is_null))
        }),
        ("no mapper", 93, |all| {
            all.module(|one| !one.contains_key("mapper"))
        }),
        ("no parameters", 287, |all| {
            all.module(|one| !one.contains_key("parameters"))
        }),
        ("numeric key", 272, |all| {
            all.key(|key| key.parse::<u32>().is_ok())
        }),
        ("carriage return", 162, |all| {
            all.string(|text| text.contains('\r'))
        }),
        ("astral", 162, |all| {
            all.string(|text| text.chars().any(|c| c > '\u{ffff}'))
        }),
        ("trailing blank", 126, |all| {
            all.string(|text| text.contains(" \n"))
        }),
        ("tab", 75, |all| all.string(|text| text.contains('\t'))),
        ("blank in key", 33, |all| all.key(|key| key.contains(' '))),
        ("zero width", 30, |all| {
            all.string(|text| text.contains(['\u{200b}', '\u{feff}']))
        }),
        ("no-break space", 15, |all| {
            all.string(|text| text.contains('\u{a0}'))
        }),
        ("dot in key", 9, |all| all.key(|key| key.contains('.'))),
        ("longest", 8, |all| all.string(|text| text.len() > 7_000)),
        ("syntax in key", 6, |all| {
            all.key(|key| key.contains(['`', '{']))
        }),
        ("odd id", 6, |all| {
            all.module(|one| one.get("id").is_some_and(|id| !id.is_u64()))
        }),
        ("id twice", 3, Contents::has_id_twice),
    ];

    #[test]
    fn every_trap_is_met_about_as_often_as_in_real_blueprints() {
        let all: Vec<Contents> = blueprints(7, 1_000).into_iter().map(Contents::of).collect();
        for (name, measured, shows) in SIGNS {
            let found = all.iter().filter(|contents| shows(contents)).count();
            let band = measured / 3..=measured * 2 + 10;
            assert!(
                band.contains(&found) && found > 0,
                "{name}: {found} instead of {measured}"
            );
        }
    }

    #[test]
    fn a_trapped_blueprint_has_them_all() {
        let pool = pool();
        let size = Size {
            modules: 30,
            depth: 4,
            richness: 1.0,
        };
        let blueprint = Generator::new(1, &pool).trapped_blueprint("All", &Start::Polling, size);
        let contents = Contents::of(blueprint);
        for (name, _, shows) in SIGNS {
            assert!(shows(&contents), "{name} is missing");
        }
    }
}
