//! What is drawn is well-formed, and no text stands on another one.

use proptest::prelude::*;
use serde_json::json;

use super::{
    initials,
    places::{NAME, Places, SMALL, Text},
    svg, svg_of_relations,
    text::width,
};
use crate::{
    model::Kind,
    plan::{
        Drawing, Edge, EdgeKind, Fate, Node, Relations, Thing, Use, drawing, drawing_of,
        twelve::twelve,
    },
};

/// A box: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

/// Where a text stands: a little over its capitals, a little below its base line.
fn areas(text: &Text, is_name: bool) -> Vec<(String, Area)> {
    let face = if is_name { NAME } else { SMALL };
    let lines = text.lines.iter().map(|(x, y, line)| {
        let half = width(line, face) / 2.0;
        let area = (
            x - half,
            y - face.size * 0.93,
            x + half,
            y + face.size * 0.24,
        );
        (line.clone(), area)
    });
    lines.collect()
}

fn overlap(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Every two texts of a drawing that stand on each other, and every text on a module.
fn collisions(drawing: &Drawing) -> Vec<(String, String)> {
    let places = Places::of(drawing);
    let mut all: Vec<(String, Area)> = Vec::new();
    for (at, text) in places.names.iter().enumerate() {
        all.extend(areas(text, at % 2 == 0));
    }
    all.extend(places.texts.iter().flat_map(|text| areas(text, false)));
    for (x, y) in &places.nodes {
        all.push((
            "a module".to_owned(),
            (x - 37.0, y - 37.0, x + 37.0, y + 37.0),
        ));
    }
    let (width, height) = places.size;
    let mut found = Vec::new();
    for (at, (one, area)) in all.iter().enumerate() {
        if area.0 < 0.0 || area.1 < 0.0 || area.2 > width || area.3 > height {
            found.push((one.clone(), "outside".to_owned()));
        }
        for (other, its) in all.iter().skip(at + 1) {
            if overlap(*area, *its) {
                found.push((one.clone(), other.clone()));
            }
        }
    }
    found
}

#[test]
fn in_the_twelve_plans_no_text_stands_on_another_one() {
    let mut drawn = 0;
    for (name, plan) in twelve() {
        for drawing in plan.steps.iter().filter_map(drawing) {
            drawn += usize::from(!drawing.nodes.is_empty());
            assert_eq!(collisions(&drawing), [], "{name}");
        }
    }
    assert!(drawn > 10, "{drawn}");
}

fn fates() -> impl Strategy<Value = Fate> {
    prop::sample::select(vec![
        Fate::Same,
        Fate::Added,
        Fate::Removed,
        Fate::Changed,
        Fate::Moved,
    ])
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z ]{0,90}",
        "[WM@%]{0,40}",
        "\\PC{0,40}",
        Just("only if `status` equals `won` and `amount` is at least `1000`".to_owned()),
        Just("営業部のリードを追加する営業部のリードを追加する".to_owned()),
    ]
}

prop_compose! {
    fn nodes()(fate in fates(), label in prop::option::of(texts()), module in texts(), key in 1..999_u32)
        -> Node
    {
        Node { key: key.to_string(), module, label, note: None, fate, path: Vec::new(), at: None }
    }
}

fn kinds() -> impl Strategy<Value = EdgeKind> {
    prop_oneof![
        Just(EdgeKind::Flow),
        (1..30_usize).prop_map(EdgeKind::Route),
        (1..30_usize).prop_map(EdgeKind::Branch),
        Just(EdgeKind::Error),
    ]
}

prop_compose! {
    /// Any scenario: branches of branches, routes that close again, lines that lead back.
    fn drawings()(nodes in prop::collection::vec(nodes(), 1..14))(
        edges in prop::collection::vec(
            (0..nodes.len(), 0..nodes.len(), kinds(), fates(), prop::option::of(texts()), prop::option::of(texts())),
            0..24,
        ),
        nodes in Just(nodes),
    ) -> Drawing {
        let edges = edges.into_iter().map(|(from, to, kind, fate, before, after)| Edge {
            from, to, kind, fate, filter: (before, after), disabled: false,
        });
        Drawing { edges: edges.collect(), nodes }
    }
}

proptest! {
    #[test]
    fn in_no_drawing_a_text_stands_on_another_one(drawing in drawings()) {
        prop_assert_eq!(collisions(&drawing), []);
    }

    #[test]
    fn whatever_is_drawn_is_well_formed(drawing in drawings(), title in texts()) {
        let svg = svg(&[(title.clone(), drawing.clone()), (title, drawing)]);
        let read = roxmltree::Document::parse(&svg);
        prop_assert!(read.is_ok(), "{:?} {svg}", read.err());
    }
}

#[test]
fn a_router_of_many_routes_has_room_for_the_filter_of_each() {
    let routes: Vec<_> = (0..12)
        .map(|at| {
            json!({"flow": [{"id": 10 + at, "module": "slack:CreateMessage",
                "filter": {"name": format!("Filter number {at} of twelve"), "conditions": [[
                    {"a": "{{1.a}}", "o": "text:equal", "b": at.to_string()}]]}}]})
        })
        .collect();
    let drawing = drawing_of(&json!({"flow": [
        {"id": 1, "module": "gateway:CustomWebHook"},
        {"id": 2, "module": "builtin:BasicRouter", "routes": routes},
    ]}));
    assert_eq!(collisions(&drawing), []);
    let places = Places::of(&drawing);
    assert_eq!(places.texts.len(), 12);
    let shown = |at: usize| {
        let lines = places.texts[at].lines.iter();
        lines
            .map(|(.., line)| line.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert!(shown(3).starts_with("route 4: "), "{}", shown(3));
}

#[test]
fn more_lines_than_there_is_room_for_are_counted() {
    let node = |key: usize| Node {
        key: key.to_string(),
        module: "a:b".to_owned(),
        label: None,
        note: None,
        fate: Fate::Same,
        path: Vec::new(),
        at: None,
    };
    let edges = (0..9).map(|from| Edge {
        from,
        to: 9,
        kind: EdgeKind::Flow,
        filter: (None, Some(format!("filter {from}"))),
        disabled: false,
        fate: Fate::Added,
    });
    let drawing = Drawing {
        nodes: (0..10).map(node).collect(),
        edges: edges.collect(),
    };
    let texts = Places::of(&drawing).texts;
    assert_eq!(texts.len(), 6);
    assert_eq!(texts[4].lines[0].2, "+ filter 4");
    assert_eq!(texts[5].lines[0].2, "4 more");
    assert_eq!(texts[5].whole, "filter 5; filter 6; filter 7; filter 8");
    assert_eq!(collisions(&drawing), []);
}

#[test]
fn who_uses_the_same_is_told_once_and_what_leads_back_and_to_itself_is_drawn() {
    let thing = |name: &str| Thing {
        kind: Kind::Scenario,
        address: format!("scenario.{name}"),
        name: Some("Größe & <Maß>".to_owned()),
    };
    let calls = |from, to| Use {
        from,
        to,
        how: "calls",
    };
    let relations = Relations {
        things: ["a", "b", "c", "d"].map(thing).to_vec(),
        uses: vec![calls(0, 2), calls(1, 2), calls(2, 0), calls(3, 3)],
    };
    let svg = svg_of_relations(&relations);
    let read = roxmltree::Document::parse(&svg).unwrap();
    let texts = read.descendants().filter(|node| node.has_tag_name("text"));
    let texts: Vec<_> = texts.filter_map(|node| node.text()).collect();
    let said = |how: &str| texts.iter().filter(|text| **text == how).count();
    assert_eq!((said("calls"), said("calls itself")), (1, 1));
    assert_eq!(svg.matches("class=\"tip\"").count(), 3);
}

#[test]
fn a_drawing_has_a_circle_for_each_module() {
    let drawing = drawing_of(&json!({"flow": [
        {"id": 1, "module": "a:b", "onerror": [{"id": 2, "module": "builtin:Break"}]},
        {"id": 3, "module": "slack:Post</text><script>", "metadata": {"designer": {"name": "<b>"}}},
    ]}));
    let svg = svg(&[("scenario.a".to_owned(), drawing)]);
    assert_eq!(svg.matches("class=\"app\"").count(), 3);
    assert_eq!(svg.matches("<path class=\"edge").count(), 2);
    assert!(!svg.contains("<script>") && !svg.contains("<b>"), "{svg}");
    assert_eq!(
        (initials("google-sheets"), initials("slack")),
        ("GS".into(), "SL".into())
    );
    assert_eq!(initials("---"), "?");
}
