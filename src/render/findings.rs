//! Findings: as text with the source they point at, and as JSON.

use annotate_snippets::{
    AnnotationKind, Element, Level, Origin, Padding, Renderer, Snippet,
    renderer::DEFAULT_TERM_WIDTH,
};
use serde::Serialize;

use crate::{
    diagnostic::{Finding, Report, Severity},
    model::{Address, Place},
};

use super::{Role, Style, excerpt::Excerpt, fold::uncoloured, words};

/// All findings, each with the lines it points at. A blank line stands between two.
#[must_use]
pub fn findings_text(report: &Report, style: &Style) -> String {
    let renderer = renderer(style);
    let mut out = String::new();
    for finding in report.sorted() {
        if !out.is_empty() {
            out.push('\n');
        }
        for line in finding_text(finding, &renderer).lines().map(str::trim_end) {
            // What stands before lines without a file of their own; the file is given above them.
            if uncoloured(line).trim() != ":::" {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// How many findings of which severity there are: `2 errors and 1 warning`.
#[must_use]
pub fn tally_text(report: &Report) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| {
            let number = report.iter().filter(|f| f.severity == severity).count();
            (number, severity)
        })
        .filter(|(number, _)| *number > 0)
        .map(|(number, severity)| words::count(number, severity.as_str()))
        .collect();
    if counts.is_empty() {
        return "no findings".to_owned();
    }
    words::and_list(&counts)
}

/// All findings of one target as one line of JSON, in the form they have in a plan:
/// `{"target":"production","findings":[..]}`.
#[must_use]
pub fn findings_json(target: &str, report: &Report) -> String {
    let findings = FindingDocument::all(report);
    let document = serde_json::json!({"target": target, "findings": findings});
    words::safe_json(&document.to_string()) + "\n"
}

/// A finding as JSON.
#[derive(Serialize)]
pub(super) struct FindingDocument<'a> {
    code: &'static str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
}

impl<'a> FindingDocument<'a> {
    /// All findings of a report, in order.
    pub(super) fn all(report: &'a Report) -> Vec<Self> {
        report.sorted().into_iter().map(Self::new).collect()
    }

    fn new(finding: &'a Finding) -> Self {
        let position = finding.place.as_ref().map(Place::line_column);
        Self {
            code: finding.code.name,
            severity: finding.severity.as_str(),
            address: finding.address.as_ref(),
            file: finding.place.as_ref().map(|p| p.source.name.as_str()),
            line: position.map(|(line, _)| line),
            column: position.map(|(_, column)| column),
            message: &finding.message,
            help: finding.help.as_deref(),
        }
    }
}

fn renderer(style: &Style) -> Renderer {
    let renderer = if style.colour {
        Renderer::styled()
            .error(Role::Error.ansi())
            .warning(Role::Warning.ansi())
            .note(Role::Note.ansi())
            .help(Role::Help.ansi())
    } else {
        Renderer::plain()
    };
    renderer.term_width(style.width.min(DEFAULT_TERM_WIDTH))
}

fn finding_text(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(words::printable(&finding.message))
        .id(finding.code.name);
    let mut group = title.elements(sources(finding));
    if let Some(help) = &finding.help {
        group = group.element(Level::HELP.message(words::printable(help)));
    }
    renderer.render(&[group])
}

/// What a finding points at: the lines of its files, or else the thing it is about.
fn sources(finding: &Finding) -> Vec<Element<'static>> {
    let mut marks: Vec<Mark<'_>> = Vec::new();
    if let Some(place) = &finding.place {
        marks.push(Mark { place, label: None });
    }
    marks.extend(finding.labels.iter().map(|label| Mark {
        place: &label.place,
        label: Some(&label.text),
    }));
    let mut elements = Vec::new();
    if finding.place.is_none() {
        let about = finding.address.as_ref().map(ToString::to_string);
        elements.extend(about.map(|address| Origin::path(address).into()));
    }
    while let Some(first) = marks.first() {
        let source = first.place.source.clone();
        let (here, elsewhere): (Vec<_>, Vec<_>) = marks
            .into_iter()
            .partition(|mark| mark.place.source.name == source.name);
        marks = elsewhere;
        let places: Vec<&Place> = here.iter().map(|mark| mark.place).collect();
        match Excerpt::of_all(&places) {
            Some(excerpt) => push_snippet(&excerpt, &here, &mut elements),
            None => {
                for mark in here {
                    let excerpt = Excerpt::of_one(mark.place);
                    push_snippet(&excerpt, std::slice::from_ref(&mark), &mut elements);
                }
            }
        }
    }
    elements
}

/// A place to point at. The one without a label is what the finding itself is about.
struct Mark<'a> {
    place: &'a Place,
    label: Option<&'a str>,
}

/// Adds where the first of some marks is, and the lines of them all.
///
/// The position is given, not counted in the excerpt: that may be the middle of a line.
fn push_snippet(excerpt: &Excerpt, marks: &[Mark<'_>], elements: &mut Vec<Element<'static>>) {
    let Some(first) = marks.first() else { return };
    let (line, column) = first.place.line_column();
    let path = words::printable(&first.place.source.name);
    if !elements.is_empty() {
        elements.push(Padding.into());
    }
    elements.push(Origin::path(path).line(line).char_column(column).into());
    let annotations = marks.iter().zip(&excerpt.spans).map(|(mark, span)| {
        let kind = match mark.label {
            None => AnnotationKind::Primary,
            Some(_) => AnnotationKind::Context,
        };
        kind.span(span.clone())
            .label(mark.label.map(words::printable))
    });
    let snippet = Snippet::source(excerpt.text.clone())
        .line_start(excerpt.first_line)
        .annotations(annotations);
    elements.push(snippet.into());
}

#[cfg(test)]
mod tests {
    use std::{ops::Range, sync::Arc};

    use proptest::prelude::*;
    use serde_json::Value;

    use super::{findings_json, findings_text, tally_text};
    use crate::{
        diagnostic::{Code, Finding, Report, Severity},
        model::{Place, Source},
        render::{
            Style,
            sample::{address, code},
        },
    };

    const UNKNOWN_KEY: Code = code("unknown-key", Severity::Error);
    const DUPLICATE: Code = code("duplicate-address", Severity::Error);
    const RAW_ID: Code = code("raw-id", Severity::Warning);

    fn source(name: &str, text: &str) -> Arc<Source> {
        Arc::new(Source {
            name: name.into(),
            text: text.into(),
        })
    }

    /// The place of a word, its n-th appearance.
    fn place(source: &Arc<Source>, word: &str, n: usize) -> Place {
        let (at, _) = source.text.match_indices(word).nth(n).expect("the word");
        Place::new(source, at..at + word.len())
    }

    fn text(findings: impl IntoIterator<Item = Finding>) -> String {
        let text = findings_text(&findings.into_iter().collect(), &Style::plain());
        for line in text.lines() {
            assert_eq!(line, line.trim_end(), "no line ends in blanks");
            assert!(line.chars().count() <= 200, "{line}");
            assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
        text
    }

    #[test]
    fn findings_show_their_lines_with_labels_in_other_files_too() {
        let leads = source(
            "manifests/leads.yaml",
            "kind: Scenario\r\nmetadata: { name: leads }\r\nspec:\r\n  shedule: { every: 15m }\r\n",
        );
        let other = source(
            "manifests/other.yaml",
            "# hello\n---\nkind: Scenario\nmetadata: { name: leads }\n",
        );
        insta::assert_snapshot!(text([
            Finding::new(&UNKNOWN_KEY, "unknown key `shedule`")
                .at(place(&leads, "shedule", 0))
                .help("did you mean `schedule`?"),
            Finding::new(&DUPLICATE, "scenario.leads is declared twice")
                .at(place(&other, "leads", 0))
                .label(place(&leads, "leads", 0), "first declared here")
                .label(place(&other, "kind", 0), "in this document"),
            Finding::new(&RAW_ID, "two connections are named `CRM`").about(&address("connection.crm")),
            Finding::new(&RAW_ID, "nothing is known of where"),
        ]), @r#"
        error[unknown-key]: unknown key `shedule`
         --> manifests/leads.yaml:4:3
          |
        4 |   shedule: { every: 15m }
          |   ^^^^^^^
          |
          = help: did you mean `schedule`?

        error[duplicate-address]: scenario.leads is declared twice
         --> manifests/other.yaml:4:19
          |
        3 | kind: Scenario
          | ---- in this document
        4 | metadata: { name: leads }
          |                   ^^^^^
          |
         ::: manifests/leads.yaml:2:19
          |
        2 | metadata: { name: leads }
          |                   ----- first declared here

        warning[raw-id]: nothing is known of where

        warning[raw-id]: two connections are named `CRM`
        --> connection.crm
        "#);
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let leads = source("a.yaml", "# one\n# two\n# three\nspec:\n  shedule: 1\n");
        let findings = || {
            let finding = Finding::new(&UNKNOWN_KEY, "unknown key `shedule`");
            let finding = finding
                .at(place(&leads, "shedule", 0))
                .help("did you mean `schedule`?");
            Report::from_iter([finding])
        };
        let coloured = Style {
            colour: true,
            ..Style::plain()
        };
        let shown = findings_text(&findings(), &coloured);
        assert!(shown.contains("\u{1b}["), "{shown}");
        let shown = anstream::adapter::strip_str(&shown).to_string();
        let lines: Vec<&str> = shown.lines().map(str::trim_end).collect();
        let plain = findings_text(&findings(), &Style::plain());
        assert_eq!(lines, plain.lines().collect::<Vec<_>>());
    }

    #[test]
    fn a_line_of_megabytes_is_cut_around_each_place() {
        let filler = r#""x":"y","#.repeat(400_000);
        let minified = source(
            "a.blueprint.json",
            &format!("{{{filler}\"hook\":1,{filler}\"hook\":2,{filler}\"z\":0}}"),
        );
        let whole = Place::new(&minified, 0..minified.text.len());
        insta::assert_snapshot!(text([
            Finding::new(&UNKNOWN_KEY, "the key `hook` stands here twice")
                .at(place(&minified, r#""hook""#, 1))
                .label(place(&minified, r#""hook""#, 0), "the first one"),
            Finding::new(&RAW_ID, "all of it is wrong").at(whole),
        ]), @r#"
        warning[raw-id]: all of it is wrong
         --> a.blueprint.json:1:1
          |
        1 | {"x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","x"...
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

        error[unknown-key]: the key `hook` stands here twice
         --> a.blueprint.json:1:6400011
          |
        1 | ..."y","x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","hook":2,"x":"y","x":"y","x":"...
          |                                                                ^^^^^^
          |
         ::: a.blueprint.json:1:3200002
          |
        1 | ..."y","x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","x":"y","hook":1,"x":"y","x":"y","x":"...
          |                                                                ------ the first one
        "#);
    }

    #[test]
    fn what_files_hold_steers_no_terminal() {
        let hostile = source(
            "a\u{1b}.yaml",
            "name: a\u{1b}[2J\u{9b}m\u{202e}b # ü\n\tvalue: x\n",
        );
        insta::assert_snapshot!(text([
            Finding::new(&RAW_ID, "the name `\u{1b}[2J\n`")
                .at(place(&hostile, "b #", 0))
                .label(place(&hostile, "value", 0), "\u{9b}")
                .help("\u{1b}"),
        ]), @r#"
        warning[raw-id]: the name `\u001b[2J\n`
         --> a\u001b.yaml:1:15
          |
        1 | name: a\u001b[2J\u009bm\u202eb # ü
          |                              ^^^
        2 |     value: x
          |     ----- \u009b
          |
          = help: \u001b
        "#);
    }

    #[test]
    fn places_outside_their_text_or_inside_a_character_do_no_harm() {
        let text = "é\nü";
        let ranges: [Range<usize>; 5] = [0..0, 1..2, 4..400, 3..3, 400..500];
        for range in ranges {
            let at = Place::new(&source("a.yaml", text), range);
            let report: Report = [Finding::new(&RAW_ID, "here").at(at)].into_iter().collect();
            assert!(findings_text(&report, &Style::plain()).contains("here"));
        }
        let empty = Place::new(&source("empty.yaml", ""), 0..0);
        let report: Report = [Finding::new(&RAW_ID, "empty").at(empty)]
            .into_iter()
            .collect();
        insta::assert_snapshot!(findings_text(&report, &Style::plain()), @r#"
        warning[raw-id]: empty
         --> empty.yaml:1:1
          |
        1 |
          | ^
        "#);
    }

    proptest! {
        #[test]
        fn any_places_of_any_text_can_be_drawn(
            text in "([ -~]|é|𝄞|日|\t|\r|\n|\r\n|\u{1b}|\u{85}|\u{200d}|\u{301}|[a ]{500}){0,12}",
            places in prop::collection::vec((0_usize..60, 0_usize..60), 1..4),
        ) {
            let source = source("a.yaml", &text);
            let mut finding = Finding::new(&RAW_ID, "here");
            for (start, length) in places {
                let place = Place::new(&source, start..start + length);
                finding = finding.clone().at(place.clone()).label(place, "and here");
            }
            let text = findings_text(&[finding].into_iter().collect(), &Style::plain());
            prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", text);
            prop_assert!(text.lines().all(|line| line == line.trim_end()), "{:?}", text);
        }
    }

    #[test]
    fn json_says_everything_escaped() {
        let leads = source("a,b:c.yaml", "x: 1\nü: shedule\n");
        let report: Report = [
            Finding::new(&UNKNOWN_KEY, "100% wrong\nand hostile\u{9b}")
                .at(place(&leads, "shedule", 0))
                .about(&address("scenario.leads"))
                .help("say: something, else"),
            Finding::new(&RAW_ID, "no place"),
        ]
        .into_iter()
        .collect();
        let line = findings_json("production", &report);
        insta::assert_snapshot!(line, @r#"{"target":"production","findings":[{"code":"unknown-key","severity":"error","address":"scenario.leads","file":"a,b:c.yaml","line":2,"column":4,"message":"100% wrong\nand hostile\u009b","help":"say: something, else"},{"code":"raw-id","severity":"warning","message":"no place"}]}"#);
        let parsed: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            parsed["findings"][0]["message"],
            "100% wrong\nand hostile\u{9b}"
        );
        assert_eq!(tally_text(&report), "1 error and 1 warning");
    }
}
