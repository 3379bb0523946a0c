//! Drawings as Mermaid flowcharts, which GitHub and GitLab draw in Markdown.
//!
//! Texts of an account stand in quotes, and all that Mermaid, Markdown or HTML could read as more
//! than a letter is written as the number of its character.

use std::fmt::Write as _;

use crate::plan::{Drawing, Edge, Fate, Node, Relations};

use super::words::printable;

/// How many characters of a text are drawn.
const LONGEST: usize = 80;

/// What Mermaid looks for in whole lines, in quotes or not: before it reads a diagram it mends
/// what looks like a style, and a line with `direction TB` anywhere in it is only that to it.
const ORDERS: [&str; 3] = ["style", "classDef", "direction"];

/// A scenario as a flowchart.
pub fn mermaid(drawing: &Drawing) -> String {
    let mut out = String::from("flowchart LR\n");
    body(drawing, "n", "  ", &mut out);
    classes(drawing.nodes.iter().map(|node| node.fate), "n", &mut out);
    links(drawing.edges.iter().map(|edge| edge.fate), &mut out);
    out
}

/// Several scenarios in one flowchart, each in a box with its title.
pub fn mermaid_of_several(drawings: &[(String, Drawing)]) -> String {
    if let [(_, drawing)] = drawings {
        return mermaid(drawing);
    }
    let mut out = String::from("flowchart LR\n");
    for (at, (title, drawing)) in drawings.iter().enumerate() {
        let _ = writeln!(out, "  subgraph s{at} [\"{}\"]", text(title));
        body(drawing, &format!("s{at}n"), "    ", &mut out);
        out.push_str("  end\n");
    }
    for (at, (_, drawing)) in drawings.iter().enumerate() {
        let fates = drawing.nodes.iter().map(|node| node.fate);
        classes(fates, &format!("s{at}n"), &mut out);
    }
    let edges = drawings.iter().flat_map(|(_, drawing)| &drawing.edges);
    links(edges.map(|edge| edge.fate), &mut out);
    out
}

/// What depends on what, as a flowchart.
pub fn mermaid_of_relations(relations: &Relations) -> String {
    let mut out = String::from("flowchart LR\n");
    for (at, thing) in relations.things.iter().enumerate() {
        let name = thing.name.as_ref();
        let name = name.map_or_else(String::new, |name| format!("<br/>{}", text(name)));
        let _ = writeln!(out, "  n{at}[\"{}{name}\"]", text(&thing.address));
    }
    for link in &relations.uses {
        let _ = writeln!(out, "  n{} -->|{}| n{}", link.from, link.how, link.to);
    }
    out
}

fn body(drawing: &Drawing, name: &str, indent: &str, out: &mut String) {
    for (at, node) in drawing.nodes.iter().enumerate() {
        let (open, close) = shape(node.fate);
        let _ = writeln!(out, "{indent}{name}{at}{open}\"{}\"{close}", title(node));
    }
    for edge in &drawing.edges {
        let Edge { from, to, .. } = edge;
        let arrow = match edge.fate {
            Fate::Same | Fate::Changed | Fate::Moved => "-->",
            Fate::Added => "==>",
            Fate::Removed => "-.->",
        };
        let lines: Vec<String> = edge.lines().iter().map(|line| text(line)).collect();
        let words = match lines.is_empty() {
            true => String::new(),
            false => format!("|\"{}\"|", lines.join("<br/>")),
        };
        let _ = writeln!(out, "{indent}{name}{from} {arrow}{words} {name}{to}");
    }
}

/// What is changed can be told without its colour.
fn shape(fate: Fate) -> (&'static str, &'static str) {
    match fate {
        Fate::Same => ("(", ")"),
        Fate::Added => ("([", "])"),
        Fate::Removed => ("{{", "}}"),
        Fate::Changed => ("[", "]"),
        Fate::Moved => ("[/", "/]"),
    }
}

fn title(node: &Node) -> String {
    let mut title = format!("{} {}", text(&node.key), text(&node.module));
    if let Some(label) = &node.label {
        let _ = write!(title, "<br/>{}", text(label));
    }
    let notes = node.note.as_deref().into_iter();
    let fate = Some(node.fate.as_str()).filter(|_| node.fate != Fate::Same);
    let notes: Vec<&str> = notes.chain(fate).collect();
    if !notes.is_empty() {
        let _ = write!(title, "<br/>({})", notes.join(", "));
    }
    title
}

/// Colours that can be read on a light and on a dark page.
fn classes(fates: impl Iterator<Item = Fate>, name: &str, out: &mut String) {
    let mut of: std::collections::BTreeMap<Fate, Vec<String>> = std::collections::BTreeMap::new();
    for (at, fate) in fates.enumerate() {
        of.entry(fate).or_default().push(format!("{name}{at}"));
    }
    for (fate, nodes) in of.into_iter().filter(|(fate, _)| *fate != Fate::Same) {
        let style = match fate {
            Fate::Same => continue,
            Fate::Added => "fill:#d6f5dd,stroke:#116329,stroke-width:3px,color:#0b3d1a",
            Fate::Removed => {
                "fill:#ffe1de,stroke:#a40e26,stroke-width:2px,stroke-dasharray:5 4,color:#5c0a17"
            }
            Fate::Changed => "fill:#fff3cd,stroke:#7d4e00,stroke-width:3px,color:#3f2800",
            Fate::Moved => "fill:#dcebff,stroke:#0a4aa8,stroke-width:2px,color:#06285c",
        };
        for node in nodes {
            let _ = writeln!(out, "  style {node} {style}");
        }
    }
}

fn links(fates: impl Iterator<Item = Fate>, out: &mut String) {
    for (at, fate) in fates.enumerate() {
        let colour = match fate {
            Fate::Same => continue,
            Fate::Added => "#1a7f37",
            Fate::Removed => "#cf222e",
            Fate::Changed | Fate::Moved => "#9a6700",
        };
        let _ = writeln!(out, "  linkStyle {at} stroke:{colour}");
    }
}

/// A text of an account.
fn text(text: &str) -> String {
    let mut out = String::new();
    let text = printable(text);
    for (count, (at, char)) in text.char_indices().enumerate() {
        if count == LONGEST {
            out.push('…');
            break;
        }
        let rest = text.get(at..).unwrap_or_default();
        // Of a line with such a word the last `;`, which may end a number of ours, or all is lost.
        let is_order = ORDERS.iter().any(|order| rest.starts_with(order));
        let is_plain = !is_order
            && (char.is_alphanumeric()
                || matches!(
                    char,
                    ' ' | ',' | '-' | '_' | '/' | ':' | '.' | '(' | ')' | '?' | '='
                ));
        match is_plain {
            true => out.push(char),
            false => {
                let _ = write!(out, "#{};", u32::from(char));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{mermaid, mermaid_of_several, text};
    use crate::plan::{Fate, drawing_of};

    #[test]
    fn a_scenario_is_a_flowchart() {
        let drawing = drawing_of(&json!({"flow": [
            {"id": 1, "module": "gateway:CustomWebHook"},
            {"id": 2, "module": "builtin:BasicRouter", "routes": [
                {"flow": [{"id": 3, "module": "slack:Post", "metadata": {"designer": {"name": "Tell \"us\""}},
                           "filter": {"conditions": [[{"a": "{{1.x}}", "o": "exist"}]]}}]},
            ]},
        ]}));
        assert_eq!(
            mermaid(&drawing),
            "flowchart LR\n  n0(\"1 gateway:CustomWebHook\")\n  n1(\"2 builtin:BasicRouter\")\n  \
             n2(\"3 slack:Post<br/>Tell #34;us#34;\")\n  n0 --> n1\n  n1 -->|\"route 1: only if \
             #96;1.x#96; exists\"| n2\n"
        );
        let one = ("a".to_owned(), drawing.clone());
        let two = mermaid_of_several(&[one, ("]\"end".to_owned(), drawing)]);
        assert!(
            two.contains("  subgraph s1 [\"#93;#34;end\"]\n    s1n0("),
            "{two}"
        );
    }

    #[test]
    fn what_a_long_filter_becomes_is_seen_too() {
        let mut drawing =
            drawing_of(&json!({"flow": [{"id": 1, "module": "a:b"}, {"id": 2, "module": "c:d"}]}));
        let long = |what: &str| Some(format!("only if {what} equals {}", "x".repeat(200)));
        drawing.edges[0].filter = (long("this"), long("that"));
        drawing.edges[0].fate = Fate::Changed;
        let text = mermaid(&drawing);
        let both =
            text.contains("only if this equals") && text.contains("<br/>-#62; only if that equals");
        assert!(both, "{text}");
    }

    #[test]
    fn no_text_is_read_as_more_than_text() {
        let hostile =
            "<script>alert(1)</script>\"] --> x\n```\n%%{init}%% `#quot;\u{1b}[31m\u{202e}";
        let text = text(hostile);
        for bad in [
            "<", ">", "\"", "`", "\n", "%", "{", "[", "]", "\u{1b}", "\u{202e}", "#quot",
        ] {
            assert!(!text.contains(bad), "{bad:?} in {text}");
        }
        assert!(super::text(&"x".repeat(100_000)).len() < 100);
        assert_eq!(
            super::text("style n0 fill:#f00, classDefs, direction TB"),
            "#115;tyle n0 fill:#35;f00, #99;lassDefs, #100;irection TB"
        );
    }
}
