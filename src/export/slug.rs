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

#[cfg(test)]
mod tests {
    use super::{LONGEST, slug};

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
