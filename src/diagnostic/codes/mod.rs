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

#[cfg(test)]
mod tests {
    use super::all;

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
