//! `.env.example`: the names of the variables that somebody who plans has to set.

/// The name of the file.
pub const ENV_EXAMPLE: &str = ".env.example";

const HEAD: &str = "\
# Secrets of the account, which manifests name as ${env.NAME}. No value belongs in this file: set
# the variables in your shell and in CI.
";

/// The text of the file with further names, sorted among those that stand there; none if it has
/// all of them. Lines that are there stay.
#[must_use]
pub fn env_example<'n>(
    existing: Option<&str>,
    names: impl IntoIterator<Item = &'n str>,
) -> Option<String> {
    let existing = existing.filter(|text| !text.trim().is_empty());
    let mut lines: Vec<String> = existing
        .unwrap_or(HEAD)
        .lines()
        .map(str::to_owned)
        .collect();
    let count = lines.len();
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    for name in names {
        if lines.iter().any(|line| name_of(line) == Some(name)) {
            continue;
        }
        let after = |line: &String| name_of(line).is_some_and(|there| there > name);
        let at = lines.iter().position(after).unwrap_or(lines.len());
        lines.insert(at, format!("{name}="));
    }
    (lines.len() > count).then(|| lines.join("\n") + "\n")
}

/// The variable that a line sets.
fn name_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, _) = line.split_once('=')?;
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (is_name && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::{HEAD, env_example};

    #[test]
    fn names_are_sorted_in_and_lines_stay() {
        assert_eq!(
            env_example(None, ["B", "A"]),
            Some(format!("{HEAD}A=\nB=\n"))
        );
        let there = "# ours\nA=\n\nexport C=see the vault\n# end\n";
        assert_eq!(env_example(Some(there), ["A", "C"]), None);
        assert_eq!(
            env_example(Some(there), ["D", "B"]).as_deref(),
            Some("# ours\nA=\n\nB=\nexport C=see the vault\n# end\nD=\n")
        );
    }
}
