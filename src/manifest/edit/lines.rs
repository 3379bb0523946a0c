//! A text by its lines.

use crate::manifest::node::Span;

/// A text whose lines are looked at.
pub(super) struct Lines<'a> {
    pub(super) text: &'a str,
    /// Each from its `#` to the end of its line, in order.
    comments: &'a [Span],
    /// How its lines end.
    pub(super) newline: &'static str,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, comments: &'a [Span]) -> Self {
        let first = text.find('\n').and_then(|at| text.get(..at));
        let newline = match first.is_some_and(|line| line.ends_with('\r')) {
            true => "\r\n",
            false => "\n",
        };
        Self {
            text,
            comments,
            newline,
        }
    }

    pub(super) fn get(&self, span: Span) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    /// Where the line begins that a byte is on.
    pub(super) fn start(&self, at: usize) -> usize {
        let before = self.get(0..at);
        before.rfind('\n').map_or(0, |newline| newline + 1)
    }

    /// Where the line ends that a byte is on, without its line break.
    pub(super) fn end(&self, at: usize) -> usize {
        let rest = self.get(at..self.text.len());
        let line = rest.split('\n').next().unwrap_or_default();
        at + line.strip_suffix('\r').unwrap_or(line).len()
    }

    /// Where the next line begins; the end of the text behind the last.
    pub(super) fn next(&self, at: usize) -> usize {
        let rest = self.get(at..self.text.len());
        rest.find('\n')
            .map_or(self.text.len(), |newline| at + newline + 1)
    }

    /// How many bytes of its line stand before it.
    pub(super) fn column(&self, at: usize) -> usize {
        at - self.start(at)
    }

    /// Whether nothing but blanks stands before it on its line.
    pub(super) fn is_first(&self, at: usize) -> bool {
        self.get(self.start(at)..at).trim().is_empty()
    }

    /// Whether nothing but a comment stands behind it on its line.
    pub(super) fn is_last(&self, at: usize) -> bool {
        let rest = self.get(at..self.end(at));
        let blank = rest.len() - rest.trim_start().len();
        blank == rest.len() || self.is_comment(at + blank)
    }

    /// Whether a comment stands in a range.
    pub(super) fn has_comment(&self, span: &Span) -> bool {
        self.comments
            .iter()
            .any(|comment| span.contains(&comment.start))
    }

    fn is_comment(&self, at: usize) -> bool {
        let found = self.comments.binary_search_by_key(&at, |span| span.start);
        found.is_ok()
    }

    /// Where the comments begin that stand directly above a line, as far in as the byte on it:
    /// they are about it. The line itself where there are none.
    pub(super) fn with_comments_above(&self, at: usize) -> usize {
        let column = self.column(at);
        let mut begin = self.start(at);
        while begin > 0 {
            let above = self.start(begin - 1);
            let is_about = self.is_comment(above + column) && self.is_first(above + column);
            if !is_about {
                break;
            }
            begin = above;
        }
        begin
    }

    /// Where the lines end that belong to what ends at a byte: those of comments directly below,
    /// further in than a column, are part of it.
    pub(super) fn with_comments_below(&self, at: usize, column: usize) -> usize {
        let mut end = self.next(at);
        loop {
            let line = self.get(end..self.end(end));
            let blank = line.len() - line.trim_start().len();
            if blank <= column || !self.is_comment(end + blank) {
                return end;
            }
            end = self.next(end);
        }
    }

    /// The same without the last line break.
    pub(super) fn end_with_comments_below(&self, at: usize, column: usize) -> usize {
        let end = self.with_comments_below(at, column);
        match self.get(at..end).ends_with('\n') {
            true => self.end(self.start(end - 1)),
            false => end,
        }
    }

    /// Where the text ends that comes before a byte, blanks and comments left out.
    pub(super) fn before(&self, at: usize) -> usize {
        let mut end = self.get(0..at).trim_end().len();
        while let Some(comment) = self.comments.iter().find(|comment| comment.end == end) {
            end = self.get(0..comment.start).trim_end().len();
        }
        end
    }
}
