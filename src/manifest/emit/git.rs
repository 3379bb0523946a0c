//! What git is told of the files.

use crate::manifest::editor_file::SUFFIX;

/// The file in a project's folder that tells git about its files.
pub const GIT_ATTRIBUTES: &str = ".gitattributes";

/// The text of `.gitattributes` that marks the editor's files as generated, so that reviews fold
/// them; nothing where the text that is there says so already, be it the opposite.
#[must_use]
pub fn git_attributes(existing: Option<&str>) -> Option<String> {
    let pattern = format!("*{SUFFIX}");
    let existing = existing.unwrap_or_default();
    let mut lines = existing.lines().map(str::split_whitespace);
    let is_said = lines.any(|mut words| {
        words.next() == Some(&pattern) && words.any(|word| word.contains("linguist-generated"))
    });
    if is_said {
        return None;
    }
    let gap = match existing.is_empty() || existing.ends_with('\n') {
        true => "",
        false => "\n",
    };
    Some(format!("{existing}{gap}{pattern} linguist-generated\n"))
}

#[cfg(test)]
mod tests {
    use super::git_attributes;

    #[test]
    fn the_line_is_added_once_and_nothing_else_changes() {
        let line = "*.editor.json linguist-generated\n";
        assert_eq!(git_attributes(None).as_deref(), Some(line));
        for there in [
            line,
            "a b\n*.editor.json -linguist-generated",
            "*.editor.json  x linguist-generated=true",
        ] {
            assert_eq!(git_attributes(Some(there)), None, "{there}");
        }
        for (there, gap) in [
            ("*.png binary\n", ""),
            ("* text=auto", "\n"),
            ("*.editor.json text\n", ""),
        ] {
            assert_eq!(
                git_attributes(Some(there)),
                Some(format!("{there}{gap}{line}"))
            );
        }
    }
}
