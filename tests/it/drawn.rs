//! Drawings, as the programs take them that they are for: Chromium, Mermaid and Graphviz.
#![cfg(feature = "external-tests")]

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{chromium::Browser, world::World};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Names that each language could read as more than a name.
const HOSTILE: [&str; 20] = [
    "1. first of a list",
    "- a list",
    "# a heading",
    "> said",
    "a: b; c",
    "say \"hi\" 'now' ` tick `",
    "A[\"x\"] --> B{y} (z) ]] )) }}",
    "end",
    "style n0 fill:#f00",
    "classDef default fill:#f00; class n0 default",
    "%% a comment %%{init: {\"theme\": \"dark\"}}%%",
    "first\nsecond\r\nthird",
    "\u{202e}gnp.exe\u{202c} \u{200b}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "&lt;b&gt; &amp; #quot; #35; \\N \\l \\",
    "click n0 \"javascript:alert(1)\"",
    "subgraph x | y || z |||",
    "$$x^2$$ **bold** _it_ # 1. - [ ]",
    "Größe 👨‍👩‍👧 日本 ﷽ e\u{301}",
    "graph TD\n---\ntitle: taken\n---\ndirection TB",
];

/// The golden files of the twelve plans in a rendering: their names, and what stands in them.
fn twelve(ending: &str) -> Vec<(String, String)> {
    let folder = Path::new(ROOT).join("src/render/twelve");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(&format!(".{ending}.snap")) {
            let text = fs::read_to_string(&path).unwrap();
            let (_, body) = text.split_once("\n---\n").unwrap();
            found.push((name, body.to_owned()));
        }
    }
    found.sort();
    assert_eq!(found.len(), 12);
    found
}

/// A project of things with hostile names, which use each other.
fn hostile() -> World {
    let world = World::new();
    let mut text = String::new();
    let mut thing = |kind: &str, name: &str, spec: Value| {
        let manifest = json!({
            "apiVersion": "makeform/v1", "kind": kind, "metadata": { "name": name }, "spec": spec,
        });
        text.push_str(&format!("---\n{manifest}\n"));
    };
    let mut flow = Vec::new();
    let mut routes = Vec::new();
    for (at, name) in HOSTILE.iter().enumerate() {
        let label = json!({ "designer": { "name": name } });
        let filter = json!({ "name": name, "conditions": [[
            { "a": name, "o": "text:equal", "b": name }]] });
        thing("DataStructure", &format!("d{at}"), json!({ "name": name }));
        thing(
            "DataStore",
            &format!("s{at}"),
            json!({
                "name": name, "maxSizeMB": 1, "dataStructure": format!("data-structure.d{at}"),
            }),
        );
        flow.push(json!({
            "id": at + 1, "module": "datastore:AddRecord", "version": 1, "metadata": label,
            "filter": filter, "parameters": { "datastore": format!("${{data-store.s{at}}}") },
        }));
        routes.push(json!({ "flow": [{
            "id": at + 101, "module": "http:Get", "version": 1, "metadata": label, "filter": filter,
        }] }));
    }
    flow.push(json!({ "id": 99, "module": "builtin:BasicRouter", "version": 1, "routes": routes }));
    for name in ["one", "two"] {
        let blueprint = json!({ "flow": flow, "metadata": { "version": 1 } });
        let spec = json!({ "name": format!("{name} {}", HOSTILE[2]), "blueprint": blueprint });
        thing("Scenario", name, spec);
    }
    world.write("manifests/all.yaml", text.trim_start_matches("---\n"));
    world
}

/// What `graph` draws of hostile names: of all, of one scenario, of two.
fn graphs(world: &World, format: &str) -> Vec<String> {
    [
        &[][..],
        &["scenario.one"],
        &["scenario.one", "scenario.two"],
    ]
    .iter()
    .map(|addresses| {
        let args = [&["graph", "--format", format], *addresses].concat();
        world.run(&args).success().stdout
    })
    .collect()
}

/// A page in a browser, on which no text is hidden.
fn shown(browser: &mut Browser, world: &World, body: &str) {
    let css = |name: &str| fs::read_to_string(format!("{ROOT}/src/render/html/{name}")).unwrap();
    let page = format!(
        "<!DOCTYPE html><meta charset=utf-8><style>{}{}article{{content-visibility:visible!important}}</style>{body}<p id=done></p>",
        css("page.css"),
        css("drawing.css"),
    );
    world.write("drawn.html", &page);
    browser.visit(&format!("file://{}", world.file("drawn.html").display()));
    browser.await_value(
        "document.getElementById('done') && document.readyState === 'complete' ? 1 : null",
    );
}

/// Every two texts that overlap in a drawing, as the browser has set them.
const OVERLAPS: &str = "(() => { const found = []; let seen = 0; \
    for (const svg of document.querySelectorAll('svg.drawing')) { \
      const all = []; \
      for (const text of svg.querySelectorAll('text:not(.ini):not(.sig)')) { \
        const parts = text.querySelectorAll('tspan'); \
        for (const part of parts.length ? parts : [text]) { \
          const range = document.createRange(); range.selectNodeContents(part); \
          const box = part.getBoundingClientRect(); seen++; \
          all.push([part.textContent, box]); } } \
      for (const app of svg.querySelectorAll('.node .app')) all.push(['a module', app.getBoundingClientRect()]); \
      const edge = svg.getBoundingClientRect(); \
      all.forEach(([one, a], at) => { \
        if (a.left < edge.left - 1 || a.right > edge.right + 1 || a.bottom > edge.bottom + 1) found.push(one + ' OUTSIDE'); \
        for (const [other, b] of all.slice(at + 1)) \
          if (a.left < b.right - .5 && b.left < a.right - .5 && a.top < b.bottom - .5 && b.top < a.bottom - .5) \
            found.push(one + ' | ' + other); }); } \
    return { seen, found }; })()";

#[test]
fn in_a_browser_no_text_of_a_drawing_stands_on_another_one() {
    let world = hostile();
    let mut browser = Browser::start(world.path());
    let mut seen = 0;
    let mut pages = twelve("html");
    for svg in graphs(&world, "svg") {
        pages.push(("graph".to_owned(), svg));
    }
    let examples = World::copy_of("examples");
    let svg = examples.run(&["graph", "--format", "svg"]).success();
    pages.push(("examples".to_owned(), svg.stdout));
    for (name, body) in pages {
        shown(&mut browser, &world, &body);
        let told = browser.value(OVERLAPS);
        assert_eq!(told["found"], json!([]), "{name}: {told:#}");
        seen += told["seen"].as_u64().unwrap();
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn mermaid_draws_each_diagram_and_shows_hostile_names_as_text() {
    let tool = format!("{ROOT}/target/tools/mermaid/node_modules/mermaid/dist/mermaid.min.js");
    let mermaid = fs::read_to_string(tool).expect("mermaid, which .ci/run installs");
    let world = hostile();
    let mut diagrams: Vec<(String, String)> = Vec::new();
    for (name, text) in twelve("md") {
        for part in text.split("```mermaid\n").skip(1) {
            let (diagram, _) = part.split_once("\n```").unwrap();
            diagrams.push((name.clone(), diagram.to_owned()));
        }
    }
    assert!(diagrams.len() > 5, "{}", diagrams.len());
    for diagram in graphs(&world, "mermaid") {
        diagrams.push(("graph".to_owned(), diagram));
    }
    let mut browser = Browser::start(world.path());
    shown(&mut browser, &world, "");
    browser.value(&format!("{mermaid}; 1"));
    browser.value("mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', maxTextSize: 1e6, maxEdges: 5000 }); 1");
    for (at, (name, diagram)) in diagrams.iter().enumerate() {
        let told = browser.value(&format!(
            "mermaid.parse({0}).then(() => mermaid.render('d{at}', {0})).then(drawn => {{ \
               const box = document.createElement('div'); box.innerHTML = drawn.svg; \
               return {{ text: box.textContent, nodes: box.querySelectorAll('g.node').length, \
                 bad: box.querySelectorAll('script, img, a, iframe').length, \
                 red: box.querySelectorAll('[style*=\"#f00\"], [fill=\"#f00\"]').length }}; \
             }}, wrong => ({{ wrong: String(wrong) }}))",
            json!(diagram)
        ));
        assert_eq!(told["wrong"], Value::Null, "{name}: {told:#}\n{diagram}");
        assert_eq!(
            (&told["bad"], &told["red"]),
            (&json!(0), &json!(0)),
            "{name}: {told:#}"
        );
        let text = told["text"].as_str().unwrap();
        assert!(!text.contains("Unsupported"), "{name}: {text}");
        // Each node stands on a line of its own.
        let declared = diagram.lines().filter(|line| {
            let line = line.trim_start();
            let id = line.trim_start_matches(|char: char| char.is_alphanumeric());
            line != id && id.starts_with(['(', '[', '{'])
        });
        assert_eq!(told["nodes"], declared.count(), "{name}\n{diagram}");
        if name == "graph" {
            for part in [
                "A[\"x\"] --> B{y} (z) ]] )) }}",
                "<script>alert(1)",
                "style n0 fill:#f00",
                "&lt;b&gt; &amp; #quot; #35; \\N",
                "%%{init:",
                "classDef default",
                "direction TB",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
    }
    let told = browser.news(&["Runtime.exceptionThrown"]);
    assert!(told.is_empty(), "{told:?}");
}

#[test]
fn graphviz_draws_hostile_names_as_text() {
    let world = hostile();
    let examples = World::copy_of("examples");
    let mut drawn = graphs(&world, "dot");
    drawn.push(examples.run(&["graph", "--format", "dot"]).success().stdout);
    for (at, dot) in drawn.iter().enumerate() {
        let mut child = Command::new("dot")
            .arg("-Tsvg")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("dot, of graphviz, which .ci/run installs");
        child
            .stdin
            .take()
            .unwrap()
            .write_all(dot.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{dot}");
        // What it says of fonts that this machine lacks says nothing of us.
        let errors = said.lines().filter(|line| line.contains("rror"));
        assert_eq!(errors.count(), 0, "{said}");
        let svg = String::from_utf8(output.stdout).unwrap();
        let options = roxmltree::ParsingOptions {
            allow_dtd: true,
            ..Default::default()
        };
        let read = roxmltree::Document::parse_with_options(&svg, options).unwrap();
        let texts = read.descendants().filter(|node| node.has_tag_name("text"));
        let texts: Vec<&str> = texts.filter_map(|node| node.text()).collect();
        let text = texts.join("\n").replace('\u{a0}', " ");
        if at < 3 {
            for part in [
                "A[\"x\"] --> B{y}",
                "<script>alert(1)</script>",
                "&lt;b&gt; &amp; #quot; #35; \\N \\l \\",
                "style n0 fill:#f00",
                "end",
            ] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
    }
}
