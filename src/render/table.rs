//! Small tables: columns side by side, as wide as what stands in them.

use super::{
    Role, Style,
    fold::{columns, padded},
    words,
};

/// A table with a heading. Cells may hold anything: what steers a terminal is written out.
#[derive(Clone, Debug)]
pub struct Table<const N: usize> {
    heading: [String; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// A table without rows.
    #[must_use]
    pub fn new(heading: [&str; N]) -> Self {
        Self {
            heading: heading.map(str::to_owned),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| words::printable(&cell)));
    }

    /// The table in lines.
    #[must_use]
    pub fn text(&self, style: &Style) -> String {
        let mut widths = [0; N];
        for cells in self.rows.iter().chain([&self.heading]) {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = columns(cell).max(*width);
            }
        }
        let line = |cells: &[String; N]| {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                line.push_str(&padded(cell, *width));
                line.push_str("  ");
            }
            line.trim_end().to_owned()
        };
        let mut out = style.paint(Role::Heading, &line(&self.heading)) + "\n";
        for cells in &self.rows {
            out.push_str(&line(cells));
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Table;
    use crate::render::Style;

    #[test]
    fn columns_line_up_and_no_line_ends_in_blanks() {
        let mut table = Table::new(["ADDRESS", "ID", ""]);
        table.row(["folder.crm".into(), "7".into(), String::new()]);
        table.row(["webhook.leads".into(), "1234".into(), "a\nb".into()]);
        insta::assert_snapshot!(table.text(&Style::plain()), @r"
        ADDRESS        ID
        folder.crm     7
        webhook.leads  1234  a\nb
        ");
    }
}
