//! The commands that carry a plan out, as people type them.

use crate::plan::{Coverage, Plan};

use super::words;

/// The command that carries out exactly this plan and no other: `makeform --target production
/// apply --expect sha256:..`, with what the plan was made with. Guards are not overridden by it.
#[must_use]
pub fn apply_command(plan: &Plan) -> String {
    let expect = format!("apply --expect {}", words::printable(&plan.digest));
    of_plan(plan, &expect)
}

/// The same with the file that the plan was saved in.
#[must_use]
pub fn apply_file_command(plan: &Plan, file: &str) -> String {
    // It is no flag.
    let here = if file.starts_with('-') { "./" } else { "" };
    of_plan(
        plan,
        &format!("apply {}", shell_word(&format!("{here}{file}"))),
    )
}

fn of_plan(plan: &Plan, what: &str) -> String {
    let flags = coverage_flags(&plan.coverage);
    on_target(&plan.target.name, &format!("{what}{flags}"))
}

/// The flags that plan so much and no more, each with a blank before it.
#[must_use]
pub fn coverage_flags(coverage: &Coverage) -> String {
    let Coverage {
        only,
        destroy,
        editor,
    } = coverage;
    let mut flags = String::new();
    if *destroy {
        flags.push_str(" --destroy");
    }
    if *editor {
        flags.push_str(" --editor");
    }
    for address in only {
        flags.push_str(&format!(" --only {}", shell_word(&address.to_string())));
    }
    flags
}

/// A command on a target.
#[must_use]
pub fn on_target(target: &str, what: &str) -> String {
    format!("makeform --target {} {what}", shell_word(target))
}

/// A word of a shell command, quoted where it has to be.
fn shell_word(word: &str) -> String {
    let word = words::printable(word);
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "._-/:@%+=,".contains(char);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word,
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::{apply_command, apply_file_command, shell_word};
    use crate::{
        plan::Coverage,
        render::sample::{address, plan},
    };

    #[test]
    fn what_a_plan_was_made_with_stands_in_the_command_that_carries_it_out() {
        let mut plan = plan(Vec::new());
        let line = "makeform --target production apply --expect sha256:c0ffee";
        assert_eq!(apply_command(&plan), line);
        plan.coverage = Coverage {
            only: vec![address("scenario.a"), address("folder.b")],
            destroy: true,
            editor: true,
        };
        let flags = "--destroy --editor --only scenario.a --only folder.b";
        assert_eq!(apply_command(&plan), format!("{line} {flags}"));
        assert_eq!(
            apply_file_command(&plan, "my plan.json"),
            format!("makeform --target production apply 'my plan.json' {flags}")
        );
    }

    #[test]
    fn a_word_of_a_command_stays_one() {
        assert_eq!(shell_word("production"), "production");
        assert_eq!(shell_word("a b; rm"), "'a b; rm'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }
}
