//! What of a document fits: whole things only, the rest by name.

use std::{cell::LazyCell, fmt::Write as _};

use super::escape::{fence, span};

/// What there is of one target.
pub(super) struct Section<'a> {
    /// Its name, as Markdown.
    pub(super) name: String,
    /// The command that shows all of it.
    pub(super) command: String,
    /// The line that sums it up.
    pub(super) counts: String,
    /// What stands before the things.
    pub(super) head: String,
    /// The things, in the order of the plan.
    pub(super) things: Vec<Thing<'a>>,
}

/// A thing, in the parts that can be left out.
pub(super) struct Thing<'a> {
    /// What names it where the rest is left out.
    pub(super) line: String,
    /// What must be seen first: the lowest one.
    pub(super) rank: u8,
    /// What differs.
    pub(super) text: String,
    /// Its drawing; may be empty. It takes its time, and there may be no room for it.
    pub(super) drawing: LazyCell<String, Box<dyn FnOnce() -> String + 'a>>,
    /// What closes it.
    pub(super) end: &'static str,
}

impl Thing<'_> {
    /// How long it is without its drawing; the blank line before it counts.
    fn length(&self) -> usize {
        1 + self.text.len() + self.end.len()
    }
}

/// How much of a thing is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Name,
    Text,
    Drawing,
}

/// What is kept free for the words around such names, of one target.
const WORDS: usize = 400;

/// What the block around the names of one target takes, and the line that ends it.
const SLACK: usize = 64;

/// One document of at most `room` bytes.
pub(super) fn document(sections: &[Section<'_>], room: usize) -> String {
    let mut out = String::new();
    if sections.len() > 1 {
        overview(sections, room / 8, &mut out);
    }
    // Where not even the heads fit, whole targets are left out, the last ones.
    let words = WORDS + sections.iter().map(|s| s.command.len()).max().unwrap_or(0);
    let mut left = room.saturating_sub(out.len() + WORDS);
    let fits = |section: &&Section<'_>| {
        let rest = left.checked_sub(section.head.len() + words + 1);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    let told: Vec<&Section<'_>> = sections.iter().take_while(fits_once(fits)).collect();
    let mut names = names(&told).min(room / 4).min(left);
    let shown = choose(&told, left, names);
    for (section, shown) in told.iter().zip(&shown) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&section.head);
        write_things(section, shown, &mut names, &mut out);
    }
    let untold = sections.len() - told.len();
    if untold > 0 {
        let _ = write!(
            out,
            "\n**Cut: there is no room for the {untold} targets that follow.** Run `makeform plan` for each.\n"
        );
    }
    out
}

/// A predicate that stays false.
fn fits_once<'s, 'a: 's>(
    mut fits: impl FnMut(&&'s Section<'a>) -> bool,
) -> impl FnMut(&&'s Section<'a>) -> bool {
    let mut open = true;
    move |section| {
        open = open && fits(section);
        open
    }
}

/// How long the names of all things are.
fn names(sections: &[&Section<'_>]) -> usize {
    let things = sections.iter().flat_map(|section| &section.things);
    let lines: usize = things.map(|thing| thing.line.len() + 1).sum();
    lines + SLACK * sections.len()
}

/// The counts of each target, as many as there is room for.
fn overview(sections: &[Section<'_>], room: usize, out: &mut String) {
    for (index, section) in sections.iter().enumerate() {
        let line = format!("- {}: {}\n", section.name, section.counts);
        if out.len() + line.len() > room {
            let _ = writeln!(out, "- and {} more targets", sections.len() - index);
            break;
        }
        out.push_str(&line);
    }
}

/// What is shown of each thing: all of it, if that fits. Else the texts of what must be seen first,
/// then the drawings of what is left of the room.
/// `names`: what is kept free for the names of the rest.
fn choose(sections: &[&Section<'_>], room: usize, names: usize) -> Vec<Vec<Shown>> {
    let things = || sections.iter().flat_map(|section| &section.things);
    let texts: usize = things().map(Thing::length).sum();
    let fits = texts <= room && {
        let drawings: usize = things().map(|thing| thing.drawing.len()).sum();
        texts + drawings <= room
    };
    let everything = match fits {
        true => Shown::Drawing,
        false => Shown::Name,
    };
    let mut shown: Vec<Vec<Shown>> = sections
        .iter()
        .map(|section| vec![everything; section.things.len()])
        .collect();
    if fits {
        return shown;
    }
    let mut left = room.saturating_sub(names);
    let mut things: Vec<(&Thing<'_>, &mut Shown)> = sections
        .iter()
        .flat_map(|section| &section.things)
        .zip(shown.iter_mut().flatten())
        .collect();
    things.sort_by_key(|(thing, _)| thing.rank);
    for (thing, shown) in &mut things {
        if let Some(rest) = left.checked_sub(thing.length()) {
            left = rest;
            **shown = Shown::Text;
        }
    }
    for (thing, shown) in &mut things {
        if **shown == Shown::Text
            && let Some(rest) = left.checked_sub(thing.drawing.len())
        {
            left = rest;
            **shown = Shown::Drawing;
        }
    }
    shown
}

fn write_things(section: &Section<'_>, shown: &[Shown], names: &mut usize, out: &mut String) {
    let mut left = Vec::new();
    let mut undrawn = 0_usize;
    for (thing, shown) in section.things.iter().zip(shown) {
        match shown {
            Shown::Name => {
                left.push(thing);
                continue;
            }
            Shown::Text => undrawn += usize::from(!thing.drawing.is_empty()),
            Shown::Drawing => {}
        }
        out.push('\n');
        out.push_str(&thing.text);
        if *shown == Shown::Drawing {
            out.push_str(&thing.drawing);
        }
        out.push_str(thing.end);
    }
    if undrawn > 0 {
        let _ = write!(out, "\nNo room for the drawings of {undrawn} of these.\n");
    }
    if left.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "\n**Cut: {} of the {} things above are left out here**, for want of room. All of them are shown by {}.\n",
        left.len(),
        section.things.len(),
        span(&section.command)
    );
    // Where not even all names have room, those of what goes are there.
    left.sort_by_key(|thing| thing.rank);
    let mut lines = String::new();
    for (index, Thing { line, .. }) in left.iter().enumerate() {
        if lines.len() + line.len() + SLACK > *names {
            let _ = writeln!(lines, "and {} more", left.len() - index);
            break;
        }
        lines.push_str(line);
        lines.push('\n');
    }
    *names = names.saturating_sub(lines.len() + SLACK);
    fence("diff", &lines, out);
}
