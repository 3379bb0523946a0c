//! Values that look random and are no secrets.

/// `0x` and hexadecimal digits: the address of a coin or contract, or a transaction, often called
/// "token".
pub(super) fn is_hex_address(text: &str) -> bool {
    text.strip_prefix("0x")
        .is_some_and(|digits| digits.len() >= 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// `550e8400-e29b-41d4-a716-446655440000`.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    groups.eq([8, 4, 4, 4, 12]) && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// A date, with a time or without: `2024-05-01T10:00:00Z`.
pub(super) fn is_date(text: &str) -> bool {
    let is_digit = |index: usize| text.as_bytes().get(index).is_some_and(u8::is_ascii_digit);
    let is_at = |index: usize, sign: u8| text.as_bytes().get(index) == Some(&sign);
    (0..4).all(is_digit) && is_at(4, b'-') && (5..7).all(is_digit) && is_at(7, b'-')
}

/// Words and numbers with signs between them: `order-2024-000123`, `v2.users.read`.
pub(super) fn is_wordy(text: &str) -> bool {
    let mut parts = 0;
    let mut words = 0;
    let mut longest_number = 0;
    for part in text.split(|c: char| !c.is_alphanumeric()) {
        if part.is_empty() {
            continue;
        }
        parts += 1;
        if part.bytes().all(|b| b.is_ascii_digit()) {
            longest_number = longest_number.max(part.len());
        } else if is_word(part) {
            words += 1;
        } else {
            return false;
        }
    }
    parts >= 2 && words >= 1 && longest_number <= 14
}

/// Letters of one word, perhaps with a short number behind them: `leads`, `Q3`, `v2`, `step12`.
fn is_word(part: &str) -> bool {
    let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = part.len() - letters.len();
    let rest = letters.get(1..).unwrap_or_default();
    let one_case = rest.chars().all(char::is_lowercase) || letters.chars().all(char::is_uppercase);
    let is_spoken = letters.len() <= 3 || letters.chars().any(|c| "aeiouyäöüAEIOUY".contains(c));
    !letters.is_empty()
        && letters.chars().all(char::is_alphabetic)
        && letters.chars().count() <= 20
        && digits <= 4
        && (one_case || is_camel_case(letters))
        && is_spoken
}

/// `leadSyncDone`: each part of it long enough to be a word.
fn is_camel_case(letters: &str) -> bool {
    let mut lengths = Vec::new();
    for c in letters.chars() {
        match (c.is_uppercase(), lengths.last_mut()) {
            (false, Some(length)) => *length += 1,
            (true, _) | (false, None) => lengths.push(1_usize),
        }
    }
    lengths.iter().all(|length| *length >= 3)
}

/// A path, an address or a name of a file: `https://a.test/b2`, `/docs/2024/x.pdf`, `a@b.test`.
pub(super) fn is_location(text: &str) -> bool {
    let is_mail = || {
        text.split_once('@')
            .is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    };
    text.contains("://") || text.starts_with(['/', '.', '#']) || is_mail()
}

/// A chain of names, as code has them: `input.password2`.
pub(super) fn is_expression(text: &str) -> bool {
    text.contains('.')
        && text.split('.').all(|part| {
            let bare = part.trim_end_matches(['[', ']', '?', '!']);
            bare.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && bare.len() <= 24
                && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
                && is_word(bare)
        })
}
