//! From the table of quirks to their types.

/// Makes [`Quirks`](super::Quirks) and the enum of each of its fields out of the table, so that
/// a question, its answers and their names stand in one place.
macro_rules! quirks {
    ($(
        $field:ident: $Answers:ident, $name:literal
            asks $question:literal
            since $source:literal
            {
                $Default:ident $default:literal: $default_meaning:literal,
                $($Other:ident $other:literal: $meaning:literal,)+
            }
    )+) => {
        $(
            #[doc = $question]
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub enum $Answers {
                #[doc = $default_meaning]
                #[default]
                $Default,
                $(#[doc = $meaning] $Other,)+
            }
        )+

        /// How the sandbox answers each question that Make leaves open.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub struct Quirks {
            $(#[doc = $question] pub $field: $Answers,)+
        }

        impl Quirks {
            /// Every question, with its answers.
            #[must_use]
            pub fn all() -> &'static [Quirk] {
                const ALL: &[Quirk] = &[$(Quirk {
                    name: $name,
                    question: $question,
                    source: $source,
                    settings: &[
                        Setting { name: $default, meaning: $default_meaning },
                        $(Setting { name: $other, meaning: $meaning },)+
                    ],
                },)+];
                ALL
            }

            /// The setting of a quirk, by name; nothing where there is no such quirk.
            #[must_use]
            pub fn get(&self, name: &str) -> Option<&'static str> {
                match name {
                    $($name => Some(match self.$field {
                        $Answers::$Default => $default,
                        $($Answers::$Other => $other,)+
                    }),)+
                    _ => None,
                }
            }

            /// Changes the setting of a quirk, both by name.
            pub fn set(&mut self, name: &str, setting: &str) -> Result<(), UnknownQuirk> {
                match name {
                    $($name => self.$field = match setting {
                        $default => $Answers::$Default,
                        $($other => $Answers::$Other,)+
                        _ => {
                            let setting = setting.to_owned();
                            return Err(UnknownQuirk::Setting { name: $name, setting });
                        }
                    },)+
                    _ => return Err(UnknownQuirk::Name(name.to_owned())),
                }
                Ok(())
            }
        }
    };
}

pub(super) use quirks;
