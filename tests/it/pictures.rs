//! The pictures of the README, drawn from what the program writes on a terminal.
//! `UPDATE_DOCS=1 cargo test --test it pictures` draws them anew.

use std::{fmt::Write as _, fs, path::Path};

use vt100::{Cell, Color};

use crate::support::world::World;

/// The columns of the terminal.
const COLUMNS: u16 = 100;

/// Width and height of a character, in pixels.
const CELL: (f32, f32) = (8.4, 18.0);

/// What is around the text.
const MARGIN: f32 = 16.0;

/// The colours of a dark terminal, by their numbers.
const COLOURS: [&str; 16] = [
    "#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4",
    "#6e7681", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc",
];

/// How a character looks.
#[derive(Clone, PartialEq, Eq)]
struct Look {
    colour: Color,
    is_bold: bool,
    is_dim: bool,
}

impl Look {
    fn of(cell: &Cell) -> Self {
        Self {
            colour: cell.fgcolor(),
            is_bold: cell.bold(),
            is_dim: cell.dim(),
        }
    }

    fn attributes(&self) -> String {
        let colour = match self.colour {
            Color::Default => "#e6edf3".to_owned(),
            Color::Idx(index) => COLOURS[usize::from(index) % 16].to_owned(),
            Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        };
        let weight = if self.is_bold {
            r#" font-weight="bold""#
        } else {
            ""
        };
        let opacity = if self.is_dim { r#" opacity="0.7""# } else { "" };
        format!(r#"fill="{colour}"{weight}{opacity}"#)
    }
}

/// A line without its colours.
fn bare(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |bare, part| {
        bare + part.split_once('m').map_or("", |(_, text)| text)
    })
}

/// What was written to a terminal, as a drawing.
fn drawn(written: &str) -> String {
    let rows = u16::try_from(written.lines().count()).unwrap();
    // A line that wraps would push the first one out.
    assert!(
        written
            .lines()
            .all(|line| bare(line).chars().count() <= usize::from(COLUMNS))
    );
    let mut terminal = vt100::Parser::new(rows + 1, COLUMNS, 0);
    terminal.process(written.replace('\n', "\r\n").as_bytes());
    let screen = terminal.screen();
    let width = f32::from(COLUMNS) * CELL.0 + 2.0 * MARGIN;
    let height = f32::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" \
         font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < COLUMNS {
            let look = Look::of(screen.cell(row, column).unwrap());
            let start = column;
            let mut text = String::new();
            while let Some(cell) = screen
                .cell(row, column)
                .filter(|cell| Look::of(cell) == look)
            {
                text.push_str(if cell.has_contents() {
                    cell.contents()
                } else {
                    " "
                });
                column += 1;
            }
            let shown = text.trim_end();
            let blanks = shown.len() - shown.trim_start().len();
            let shown = shown.trim_start();
            if shown.is_empty() {
                continue;
            }
            let x = MARGIN + (f32::from(start) + blanks as f32) * CELL.0;
            let y = MARGIN + (f32::from(row) + 0.75) * CELL.1;
            let length = shown.chars().count() as f32 * CELL.0;
            let text = shown
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let attributes = look.attributes();
            writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" {attributes}>{text}</text>"
            )
            .unwrap();
        }
    }
    svg.push_str("</g>\n</svg>\n");
    svg
}

#[test]
fn the_plan_in_the_readme_is_what_a_terminal_shows() {
    let world = World::copy_of("examples");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let sync = "manifests/lead-to-crm/lead-sync";
    world.edit(
        &format!("{sync}.blueprint.json"),
        r#""b": "100""#,
        r#""b": "250""#,
    );
    world.edit(
        "manifests/order-desk/storage.yaml",
        "maxSizeMB: 5",
        "maxSizeMB: 10",
    );
    world.write(
        "manifests/team/folders.yaml",
        "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: archive }\nspec: { name: Archive }\n",
    );
    let plan = world.run(&["--color", "always", "plan"]).success();
    let typed = "\u{1b}[1;32m$\u{1b}[0m \u{1b}[1mmakeform plan\u{1b}[0m\n";
    let picture = drawn(&format!("{typed}{}", plan.stdout));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/pictures/plan.svg");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &picture).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == picture,
        "docs/pictures/plan.svg is out of date: run `UPDATE_DOCS=1 cargo test --test it pictures`"
    );
}

#[test]
fn colours_and_markup_are_drawn_as_they_look() {
    let svg = drawn("a \u{1b}[32m<b>\u{1b}[0m\n  \u{1b}[1m&\u{1b}[0m\n");
    assert!(svg.contains(">a</text>"), "{svg}");
    assert!(svg.contains("fill=\"#3fb950\">&lt;b&gt;</text>"), "{svg}");
    assert!(svg.contains("font-weight=\"bold\">&amp;</text>"), "{svg}");
}
