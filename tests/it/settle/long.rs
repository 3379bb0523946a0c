//! Under every single setting, and the examples and seeded accounts under every two.

use makeform::{model::Dialect, sandbox::Quirks};

use super::{
    Case, apply_and_settle, destroy_and_settle, each, export_and_settle, import_and_settle, life,
    rows, seeded::seeded,
};
use crate::support::examples::projects;

const DIALECTS: [Dialect; 2] = [Dialect::Zone, Dialect::Unified];

/// Make as the sandbox has it unasked, and with every single other setting.
fn singles(dialect: Dialect) -> Vec<Case> {
    let others = Quirks::all().iter().flat_map(|quirk| {
        let others = quirk.settings.iter().skip(1);
        others.map(move |setting| vec![format!("{}={}", quirk.name, setting.name)])
    });
    let all = std::iter::once(Vec::new()).chain(others);
    all.map(|settings| Case { dialect, settings }).collect()
}

/// The life of the examples.
fn examples(number: usize, case: &Case) {
    for world in projects(case.dialect) {
        let world = world.with_env("MAKEFORM_SANDBOX", &case.options());
        apply_and_settle(&world);
        export_and_settle(&world);
        import_and_settle(&world, number, case);
        destroy_and_settle(&world, case);
    }
}

#[test]
fn the_compact_project_settles_under_every_setting() {
    for dialect in DIALECTS {
        each(&singles(dialect), life);
    }
}

#[test]
fn the_examples_settle_under_every_setting() {
    for dialect in DIALECTS {
        each(&singles(dialect), examples);
    }
}

#[test]
fn a_seeded_account_settles_under_every_setting() {
    for dialect in DIALECTS {
        each(&singles(dialect), |_, case| seeded(1, case));
    }
}

#[test]
fn the_examples_and_seeded_accounts_settle_under_every_two_settings() {
    for dialect in DIALECTS {
        each(&rows(dialect), examples);
        each(&rows(dialect), |number, case| seeded(number + 1, case));
    }
}
