//! What roles allow, in words: Make's names of permissions as sentences have them.

use std::collections::BTreeMap;

use super::words;

/// What permissions are about, by the word before the last one, in the order in which it is told.
const NOUNS: [(&str, &str); 24] = [
    ("scenario", "scenarios"),
    ("account", "connections"),
    ("accounts", "connections"),
    ("key", "keys"),
    ("hook", "webhooks"),
    ("hooks", "webhooks"),
    ("datastore", "data stores"),
    ("datastores", "data stores"),
    ("udt", "data structures"),
    ("device", "devices"),
    ("function", "functions"),
    ("dlq", "incomplete executions"),
    ("custom properties", "custom properties"),
    ("team user", "the members of the team"),
    ("team variables", "the team's variables"),
    ("team", "the team"),
    ("organization user", "the members of the organization"),
    ("organization variables", "the organization's variables"),
    ("organization teams", "all teams of the organization"),
    ("organization", "the organization"),
    ("payments", "payments"),
    ("payment", "payments"),
    ("app", "apps"),
    ("template", "templates"),
];

/// What is done with it, by the last word.
const VERBS: [(&str, &str); 14] = [
    ("view", "see"),
    ("get", "see"),
    ("logs", "read the logs of"),
    ("notifications", "read the notifications of"),
    ("start", "start"),
    ("stop", "stop"),
    ("scheduling", "schedule"),
    ("verify", "verify"),
    ("access", "work in"),
    ("install", "install"),
    ("add", "add"),
    ("edit", "edit"),
    ("delete", "delete"),
    ("add and edit", "add or edit"),
];

/// Permissions as what stands behind "may": `start or stop scenarios; see connections or webhooks`.
///
/// One that is not known is shown as it is called.
pub(super) fn rights(permissions: &[String]) -> String {
    // By the places of noun and verb in the tables.
    let mut known: BTreeMap<usize, BTreeMap<usize, &str>> = BTreeMap::new();
    let mut others = Vec::new();
    for name in permissions {
        let Some((noun, verb)) = parsed(name) else {
            others.push(format!("use \"{}\"", words::printable(name)));
            continue;
        };
        known.entry(noun).or_default().insert(verb.0, verb.1);
    }
    let told = known.into_iter().filter_map(|(noun, verbs)| {
        let (name, plural) = NOUNS.get(noun)?;
        let verbs: Vec<&str> = verbs.into_values().collect();
        // A team that is added is not the one that the role is in.
        let plural = match (*name, verbs.as_slice()) {
            ("team", ["add"]) => "teams",
            (_, _) => plural,
        };
        Some((or_list(&verbs), plural))
    });
    // What is done with several things is said once.
    let mut parts: Vec<(String, Vec<&str>)> = Vec::new();
    for (verbs, noun) in told {
        match parts.iter_mut().find(|(known, _)| *known == verbs) {
            Some((_, nouns)) => nouns.push(noun),
            None => parts.push((verbs, vec![noun])),
        }
    }
    let told = parts
        .iter()
        .map(|(verbs, nouns)| format!("{verbs} {}", or_list(nouns)));
    let told: Vec<String> = told.chain(others).collect();
    told.join("; ")
}

/// The places of a permission's noun and verb, both as sentences have them.
fn parsed(name: &str) -> Option<(usize, (usize, &'static str))> {
    let mut verbs = VERBS.iter().enumerate().rev();
    let (noun, verb, word) = verbs.find_map(|(at, (verb, word))| {
        let noun = name.strip_suffix(verb)?.strip_suffix(' ')?;
        Some((noun, at, *word))
    })?;
    let same = |words: &str| NOUNS.iter().position(|(_, other)| *other == words);
    let (_, plural) = NOUNS.iter().find(|(known, _)| *known == noun)?;
    let first = VERBS.iter().position(|(_, other)| *other == word);
    Some((same(plural)?, (first.unwrap_or(verb), word)))
}

/// `a`, `a or b`, `a, b or c`.
fn or_list(items: &[&str]) -> String {
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::rights;

    #[test]
    fn permissions_read_as_what_somebody_may_do() {
        let told = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            rights(&names)
        };
        assert_eq!(
            told(&[
                "account add",
                "account delete",
                "accounts get",
                "scenario logs",
                "scenario start",
                "scenario stop",
                "scenario view"
            ]),
            "see, read the logs of, start or stop scenarios; see, add or delete connections"
        );
        assert_eq!(told(&["team add"]), "add teams");
        assert_eq!(
            told(&[
                "accounts get",
                "hooks get",
                "scenario view",
                "scenario stop"
            ]),
            "see or stop scenarios; see connections or webhooks"
        );
        assert_eq!(
            told(&["team delete", "team user add and edit"]),
            "add or edit the members of the team; delete the team"
        );
        assert_eq!(told(&["dlq view"]), "see incomplete executions");
        // Nobody knows what Make calls next.
        assert_eq!(
            told(&["hooks get", "quantum leap\u{1b}[2J"]),
            "see webhooks; use \"quantum leap\\u001b[2J\""
        );
    }
}
