//! Drawings in the language of Graphviz.

use std::fmt::Write as _;

use crate::plan::{Drawing, Fate, Relations};

use super::words::printable;

/// How many characters of a text are drawn.
const LONGEST: usize = 120;

/// Scenarios, each in a box with its title where there are several.
pub fn dot(drawings: &[(String, Drawing)]) -> String {
    let mut out = head();
    for (at, (title, drawing)) in drawings.iter().enumerate() {
        let (indent, several) = match drawings.len() {
            1 => ("  ", false),
            _ => ("    ", true),
        };
        if several {
            let _ = writeln!(
                out,
                "  subgraph cluster_{at} {{\n    label={};",
                text(title)
            );
        }
        body(drawing, at, indent, &mut out);
        if several {
            out.push_str("  }\n");
        }
    }
    out.push_str("}\n");
    out
}

/// What depends on what.
pub fn dot_of_relations(relations: &Relations) -> String {
    let mut out = head();
    for (at, thing) in relations.things.iter().enumerate() {
        let mut label = thing.address.clone();
        if let Some(name) = &thing.name {
            let _ = write!(label, "\n{name}");
        }
        let _ = writeln!(out, "  n{at} [label={}];", text(&label));
    }
    for link in &relations.uses {
        let _ = writeln!(
            out,
            "  n{} -> n{} [label=\"{}\"];",
            link.from, link.to, link.how
        );
    }
    out.push_str("}\n");
    out
}

fn head() -> String {
    "digraph {\n  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge \
     [fontname=\"sans-serif\", fontsize=10];\n"
        .to_owned()
}

fn body(drawing: &Drawing, at: usize, indent: &str, out: &mut String) {
    for (index, node) in drawing.nodes.iter().enumerate() {
        let mut label = format!("{} {}", node.key, node.module);
        for line in node.label.iter().chain(&node.note) {
            let _ = write!(label, "\n{line}");
        }
        let style = match node.fate {
            Fate::Same => String::new(),
            Fate::Added => marked(&mut label, node.fate, "#1a7f37", "rounded,bold"),
            Fate::Removed => marked(&mut label, node.fate, "#cf222e", "rounded,dashed"),
            Fate::Changed => marked(&mut label, node.fate, "#9a6700", "bold"),
            Fate::Moved => marked(&mut label, node.fate, "#0969da", "rounded,diagonals"),
        };
        let _ = writeln!(
            out,
            "{indent}n{at}_{index} [label={}{style}];",
            text(&label)
        );
    }
    for edge in &drawing.edges {
        let style = match edge.fate {
            Fate::Same => "",
            Fate::Added => ", color=\"#1a7f37\", style=bold",
            Fate::Removed => ", color=\"#cf222e\", style=dashed",
            Fate::Changed | Fate::Moved => ", color=\"#9a6700\"",
        };
        let words = text(&edge.words());
        let (from, to) = (edge.from, edge.to);
        let _ = writeln!(
            out,
            "{indent}n{at}_{from} -> n{at}_{to} [label={words}{style}];"
        );
    }
}

fn marked(label: &mut String, fate: Fate, colour: &str, style: &str) -> String {
    let _ = write!(label, "\n({})", fate.as_str());
    format!(", color=\"{colour}\", style=\"{style}\"")
}

/// A text of an account, quoted. Lines are kept; nothing is read as an escape of Graphviz's.
fn text(text: &str) -> String {
    let mut out = String::from("\"");
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push_str("\\n");
        }
        for (at, char) in printable(line).chars().enumerate() {
            match char {
                _ if at == LONGEST => {
                    out.push('…');
                    break;
                }
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                // Graphviz reads entities of HTML in every label.
                '&' => out.push_str("&amp;"),
                char => out.push(char),
            }
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{dot, text};
    use crate::plan::drawing_of;

    #[test]
    fn a_scenario_is_a_digraph() {
        let drawing = drawing_of(&json!({"flow": [
            {"id": 1, "module": "a:b", "onerror": [{"id": 2, "module": "builtin:Break"}]},
        ]}));
        let text = dot(&[("scenario.a".to_owned(), drawing)]);
        assert!(
            text.contains("n0_0 [label=\"1 a:b\"];\n  n0_1 [label=\"2 builtin:Break\"];\n  n0_0 -> n0_1 [label=\"on an error\"];"),
            "{text}"
        );
    }

    #[test]
    fn no_text_ends_its_quotes() {
        assert_eq!(
            text("a\"]; \\N &lt;\u{1b}"),
            "\"a\\\"]; \\\\N &amp;lt;\\\\u001b\""
        );
        assert!(text(&"x".repeat(100_000)).len() < 150);
    }
}
