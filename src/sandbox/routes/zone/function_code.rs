//! The code of a custom function, as far as it can be told without running it: what it declares,
//! and whether its brackets and quotes are closed.

/// What code declares.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) name: String,
    /// With their parentheses: `(price, rate)`.
    pub(super) arguments: String,
}

/// Words that no function can have for a name.
#[rustfmt::skip] // a list of words
const RESERVED: [&str; 42] = [
    "arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger",
    "default", "delete", "do", "else", "enum", "eval", "export", "extends", "false", "finally",
    "for", "function", "if", "import", "in", "instanceof", "let", "new", "null", "return",
    "static", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void",
    "while", "with", "yield",
];

/// Reads `function name(arguments) { .. }`. An error says what is wrong, for people.
pub(super) fn parse(code: &str) -> Result<Declared, String> {
    let rest = after_blank(code);
    let rest = rest
        .strip_prefix("function")
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .ok_or("Unexpected token, expected 'function'")?;
    let rest = after_blank(rest);
    let end = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("Unexpected token, expected the name of the function".to_owned());
    }
    if RESERVED.contains(&name) {
        return Err(format!("Unexpected reserved word '{name}'"));
    }
    let rest = after_blank(rest);
    if !rest.starts_with('(') {
        return Err("Unexpected token, expected '('".to_owned());
    }
    let (arguments, rest) = rest.split_at(closed(rest)?);
    let rest = after_blank(rest);
    if !rest.starts_with('{') {
        return Err("Unexpected token, expected '{'".to_owned());
    }
    let (_, rest) = rest.split_at(closed(rest)?);
    match after_blank(rest).trim_start_matches([';', ' ', '\n', '\t', '\r']) {
        "" => Ok(Declared {
            name: name.to_owned(),
            arguments: arguments.to_owned(),
        }),
        _ => Err("Unexpected token after the function".to_owned()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

/// What follows white space and comments.
fn after_blank(code: &str) -> &str {
    let mut rest = code.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("//") {
            comment.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            return rest;
        };
        rest = after.trim_start();
    }
}

/// Where the bracket that code begins with is closed, behind it.
fn closed(code: &str) -> Result<usize, String> {
    let mut open = Vec::new();
    let mut rest = code;
    // Whether a slash would divide: after a value it does, elsewhere a regular expression begins.
    let mut after_value = false;
    loop {
        rest = after_blank(rest);
        let Some(first) = rest.chars().next() else {
            return Err("Unexpected end of input".to_owned());
        };
        let length = match first {
            '\'' | '"' => quoted(rest, first)?,
            '`' => template(rest)?,
            '/' if !after_value => regular_expression(rest)?,
            _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        after_value = match first {
            '\'' | '"' | '`' | ')' | ']' | '}' => true,
            '/' => !after_value,
            _ => is_word(first) && !RESERVED.contains(&token),
        };
        match first {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(first) => {
                return Err(format!("Unexpected token '{first}'"));
            }
            _ => {}
        }
        rest = after;
        if open.is_empty() {
            return Ok(code.len() - rest.len());
        }
    }
}

/// The length of text in quotes.
fn quoted(code: &str, quote: char) -> Result<usize, String> {
    let end = unescaped(code, |c| c == quote || c == '\n');
    match end {
        Some((end, c)) if c == quote => Ok(end),
        _ => Err("Invalid or unexpected token".to_owned()),
    }
}

/// The length of a template, with the expressions in it.
fn template(code: &str) -> Result<usize, String> {
    let unterminated = || "Unterminated template literal".to_owned();
    let mut done = 0;
    loop {
        let rest = code.get(done..).unwrap_or_default();
        let (end, c) = unescaped(rest, |c| matches!(c, '`' | '$')).ok_or_else(unterminated)?;
        done += end;
        if c == '`' {
            return Ok(done);
        }
        let rest = code.get(done..).unwrap_or_default();
        // The next search passes over one character: the `}` of an expression, or what follows
        // a `$` that begins none.
        done = match rest.starts_with('{') {
            true => done + closed(rest)? - 1,
            false => done - 1,
        };
    }
}

/// The length of a regular expression, without its flags.
fn regular_expression(code: &str) -> Result<usize, String> {
    let mut in_class = false;
    let end = unescaped(code, |c| {
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            _ => {}
        }
        c == '\n' || (c == '/' && !in_class)
    });
    match end {
        Some((end, '/')) => Ok(end),
        _ => Err("Invalid regular expression: missing /".to_owned()),
    }
}

/// The first character behind the first one that ends something and has no backslash before it,
/// and where it ends.
fn unescaped(code: &str, mut ends: impl FnMut(char) -> bool) -> Option<(usize, char)> {
    let mut escaped = false;
    for (start, c) in code.char_indices().skip(1) {
        if !escaped && ends(c) {
            return Some((start + c.len_utf8(), c));
        }
        escaped = !escaped && c == '\\';
    }
    None
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_declaration_says_its_name_and_arguments() {
        for (code, name, arguments) in [
            ("function a(){}", "a", "()"),
            (
                "// why\n/* what */ function $b_1 (x, y = [1, ')']) { return x }; ",
                "$b_1",
                "(x, y = [1, ')'])",
            ),
            (
                "function c(s) { return s.replace(/[/\"}]\\//g, '') / 2 / 3 }",
                "c",
                "(s)",
            ),
            (
                "function d(s) { return `$ ${s + `}${1}`} $` + \"}\\\"\" }",
                "d",
                "(s)",
            ),
            (
                "function e() { // }\n return { a: [1] } /* } */ }",
                "e",
                "()",
            ),
            (
                "function f(n) { return /}/.test(n) ? (n) / 2 : n }",
                "f",
                "(n)",
            ),
            ("function ü(größe) { return 'ß' }", "ü", "(größe)"),
        ] {
            let declared = parse(code).unwrap();
            assert_eq!(
                (&*declared.name, &*declared.arguments),
                (name, arguments),
                "{code}"
            );
        }
    }

    #[test]
    fn what_is_no_function_is_told() {
        for code in [
            "",
            "tax",
            "functiontax() {}",
            "function () {}",
            "function 1a() {}",
            "function if() {}",
            "function a {}",
            "function a(",
            "function a(x",
            "function a() return 1",
            "function a() { return (1] }",
            "function a() { return 'x }",
            "function a() { return 'x\n' }",
            "function a() { return `x }",
            "function a() { return `${x }",
            "function a() { return /x }",
            "function a() { /* }",
            "function a() {} function b() {}",
        ] {
            assert!(parse(code).is_err(), "{code}");
        }
    }
}
