//! Labels as names.

/// The longest name made of a label: file names have limits, and so has a reader's patience.
const LONGEST: usize = 80;

/// Latin letters with marks, by the plain letters that stand for them in names.
const PLAIN: [(&str, &str); 30] = [
    ("àáâãäåāăą", "a"),
    ("æ", "ae"),
    ("çćĉċč", "c"),
    ("ďđð", "d"),
    ("èéêëēĕėęě", "e"),
    ("ĝğġģ", "g"),
    ("ĥħ", "h"),
    ("ìíîïĩīĭįı", "i"),
    ("ĵ", "j"),
    ("ķ", "k"),
    ("ĺļľŀł", "l"),
    ("ñńņň", "n"),
    ("òóôõöøōŏő", "o"),
    ("œ", "oe"),
    ("ŕŗř", "r"),
    ("śŝşšș", "s"),
    ("ß", "ss"),
    ("ţťŧț", "t"),
    ("þ", "th"),
    ("ùúûüũūŭůűų", "u"),
    ("ŵ", "w"),
    ("ýÿŷ", "y"),
    ("źżž", "z"),
    ("&", "-and-"),
    ("+", "-plus-"),
    ("@", "-at-"),
    ("%", "-percent-"),
    ("€", "-eur-"),
    // What joins a word is no gap in it: `don't`, and marks that stand by themselves.
    ("'’`", ""),
    (
        "\u{300}\u{301}\u{302}\u{303}\u{308}\u{30a}\u{30c}\u{327}\u{328}",
        "",
    ),
];

/// The lowercase ASCII letters and digits of a label, with `-` for whatever stands between them.
/// Empty if there are none.
pub(super) fn slug(label: &str) -> String {
    let mut plain = String::with_capacity(label.len());
    for letter in label.chars().flat_map(char::to_lowercase) {
        match PLAIN.iter().find(|(letters, _)| letters.contains(letter)) {
            Some((_, text)) => plain.push_str(text),
            None => plain.push(letter),
        }
    }
    let mut slug = String::with_capacity(plain.len());
    for word in plain.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let gap = usize::from(!slug.is_empty());
        let room = LONGEST.saturating_sub(slug.len() + gap);
        if word.is_empty() || room == 0 {
            continue;
        }
        if gap == 1 {
            slug.push('-');
        }
        slug.extend(word.chars().take(room));
    }
    slug
}

/// Whether Windows keeps a name for a device: no file there can be called so, whatever follows
/// behind a dot.
pub(super) fn is_device(name: &str) -> bool {
    let numbered = ["com", "lpt"]
        .iter()
        .find_map(|port| name.strip_prefix(port));
    let is_port = numbered.is_some_and(|rest| rest.len() == 1 && rest != "0");
    let has_digit = name.ends_with(|last: char| last.is_ascii_digit());
    ["con", "prn", "aux", "nul"].contains(&name) || (is_port && has_digit)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, is_device, slug};

    #[test]
    fn names_that_windows_keeps_for_devices_are_known() {
        for name in ["con", "prn", "aux", "nul", "com1", "lpt9"] {
            assert!(is_device(name), "{name}");
        }
        for name in ["cons", "com", "com0", "com10", "coma", "lpt-1", "auxiliary"] {
            assert!(!is_device(name), "{name}");
        }
    }

    #[test]
    fn labels_become_what_people_would_type() {
        for (label, name) in [
            ("Lead Sync to CRM", "lead-sync-to-crm"),
            ("  [PROD] Orders → Slack (v2) ", "prod-orders-slack-v2"),
            ("Žádost o fakturu", "zadost-o-fakturu"),
            ("Größe & Maße", "grosse-and-masse"),
            ("Zu\u{308}rich", "zurich"),
            ("Don't touch!", "dont-touch"),
            ("リード同期", ""),
            ("---", ""),
        ] {
            assert_eq!(slug(label), name, "{label}");
        }
        assert_eq!(slug(&"ab ".repeat(99)).len(), LONGEST);
    }
}
