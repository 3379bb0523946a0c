//! What a piece of text is, and how that looks.

use anstyle::{AnsiColor, Style as Ansi};

/// How a text is to be drawn. Every text can be read without colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether roles are shown in colour.
    pub colour: bool,
    /// How many columns a line has.
    pub width: usize,
    /// Whether long values are shown whole.
    pub full: bool,
    /// Whether words stand in the place of signs, for who has the lines read out.
    pub words: bool,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// New.
    Added,
    /// Gone.
    Removed,
    /// Other than before.
    Changed,
    /// Elsewhere.
    Moved,
    /// Of less weight than what stands around it.
    Muted,
    /// What a part is about.
    Heading,
    /// Something that stops.
    Error,
    /// Something that is probably not meant.
    Warning,
    /// Worth knowing.
    Note,
    /// What to do.
    Help,
    /// To be typed, or the name of a finding.
    Code,
}

impl Role {
    pub(super) const fn ansi(self) -> Ansi {
        match self {
            Self::Added => AnsiColor::Green.on_default(),
            Self::Removed => AnsiColor::Red.on_default(),
            Self::Changed => AnsiColor::Yellow.on_default(),
            Self::Moved => AnsiColor::Blue.on_default(),
            Self::Muted => Ansi::new().dimmed(),
            Self::Heading => Ansi::new().bold(),
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Note => AnsiColor::Cyan.on_default().bold(),
            Self::Help => AnsiColor::Green.on_default().bold(),
            Self::Code => AnsiColor::Cyan.on_default(),
        }
    }
}

impl Style {
    /// Without colour, in lines of 100 columns: for pipes, logs and pull requests.
    #[must_use]
    pub const fn plain() -> Self {
        Self {
            colour: false,
            width: 100,
            full: false,
            words: false,
        }
    }

    /// A sign, or its word: `+` or `add`.
    #[must_use]
    pub fn sign<'s>(&self, sign: &'s str) -> &'s str {
        match (self.words, sign) {
            (true, "+") => "add",
            (true, "-") => "remove",
            (true, "~") => "change",
            (true, ">") => "move",
            (true, "=") => "adopt",
            (true, "-/+") => "replace",
            (true, ".") => "forget",
            (_, sign) => sign,
        }
    }

    /// A text in its role.
    #[must_use]
    pub fn paint(&self, role: Role, text: &str) -> String {
        if self.colour && !text.is_empty() {
            let ansi = role.ansi();
            format!("{ansi}{text}{ansi:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Style};

    #[test]
    fn colour_wraps_a_text_and_ends_with_it() {
        let colour = Style {
            colour: true,
            ..Style::plain()
        };
        assert_eq!(colour.paint(Role::Added, "+"), "\u{1b}[32m+\u{1b}[0m");
        assert_eq!(Style::plain().paint(Role::Added, "+"), "+");
    }
}
