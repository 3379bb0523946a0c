//! The tree of commands, as the program itself tells it.

use std::collections::BTreeMap;

use super::world::World;

/// Every command that does something, as it is typed, with the formats that it writes.
pub(crate) fn all(world: &World) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    walk(world, &[], &mut found);
    found
}

fn walk(world: &World, command: &[&str], found: &mut BTreeMap<String, Vec<String>>) {
    let help = world.run(&[command, &["--help"]].concat()).success().stdout;
    let inner: Vec<&str> = section(&help, "Commands:")
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    for name in &inner {
        walk(world, &[command, &[name]].concat(), found);
    }
    if inner.is_empty() {
        found.insert(command.join(" "), formats(&help));
    }
}

/// The lines under a heading.
fn section<'h>(help: &'h str, heading: &'h str) -> impl Iterator<Item = &'h str> {
    let lines = help.lines().skip_while(move |line| *line != heading);
    lines.skip(1).take_while(|line| !line.trim().is_empty())
}

fn formats(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("--format <") else {
        return Vec::new();
    };
    let option = rest.split("\n      --").next().unwrap();
    let (_, values) = option.split_once("Possible values:").unwrap();
    let lines = values
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "));
    lines
        .map(|line| line.split(':').next().unwrap().to_owned())
        .collect()
}
