//! Every code there is, by the domain that finds it.

pub mod account;
pub mod apply;
pub mod encryption;
pub mod environments;
pub mod export;
pub mod guards;
pub mod health;
pub mod lints;
pub mod login;
pub mod manifest;
pub mod plan;
pub mod rollback;
pub mod ties;

use super::Code;

/// All codes, sorted by name.
#[must_use]
pub fn all() -> Vec<&'static Code> {
    let mut codes: Vec<&'static Code> = [
        account::ALL,
        apply::ALL,
        encryption::ALL,
        environments::ALL,
        export::ALL,
        guards::ALL,
        health::ALL,
        lints::ALL,
        login::ALL,
        manifest::ALL,
        plan::ALL,
        rollback::ALL,
        ties::ALL,
    ]
    .concat();
    codes.sort_by_key(|code| code.name);
    codes
}

/// The code of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Code> {
    all().into_iter().find(|code| code.name == name)
}

/// The code that somebody asks for, who may have it from a headline or from another program's log.
#[must_use]
pub fn asked(name: &str) -> Option<&'static Code> {
    find(&name.trim().to_lowercase().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::{all, asked};
    use crate::model::Kind;

    /// How many kinds a text names in a row makes it a list of them all.
    const MANY: usize = 5;

    #[test]
    fn an_explanation_that_lists_the_kinds_lists_them_all() {
        let mut lists = 0;
        for code in all() {
            let words = code.explanation.split(|c: char| !c.is_alphanumeric());
            let named: std::collections::BTreeSet<&str> = words
                .filter(|word| Kind::from_manifest(word).is_some())
                .collect();
            if named.len() < MANY {
                continue;
            }
            lists += 1;
            assert_eq!(named.len(), Kind::ALL.len(), "`{code}` lists {named:?}");
        }
        assert!(lists > 0, "`unknown-kind` lists them");
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for written in [
            "access-denied",
            "ACCESS-DENIED",
            "Access_Denied",
            " access-denied",
        ] {
            assert_eq!(asked(written).unwrap().name, "access-denied", "{written}");
        }
        assert!(asked("access").is_none());
    }

    #[test]
    fn code_names_are_unique_and_kebab_case_and_explained() {
        let codes = all();
        for pair in codes.windows(2) {
            assert!(
                pair[0].name < pair[1].name,
                "`{}` is listed twice",
                pair[1].name
            );
        }
        for code in codes {
            assert!(
                code.name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b == b'-'),
                "{code}"
            );
            assert!(
                code.explanation.len() > code.summary.len(),
                "`{code}` explains too little"
            );
            assert!(!code.example.trim().is_empty(), "`{code}` has no example");
        }
    }
}
