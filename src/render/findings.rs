//! Findings: as text with the source they point at, as JSON, and as annotations of GitHub.

use annotate_snippets::{
    AnnotationKind, Element, Level, Origin, Renderer, Snippet, renderer::DEFAULT_TERM_WIDTH,
};
use serde::Serialize;

use crate::{
    diagnostic::{Finding, Report, Severity},
    model::{Address, Place},
};

use super::{Role, Style, excerpt::Excerpt, words};

/// All findings, each with the lines it points at. A blank line stands between two.
#[must_use]
pub fn findings_text(report: &Report, style: &Style) -> String {
    let renderer = renderer(style);
    let mut out = String::new();
    for finding in report.sorted() {
        if !out.is_empty() {
            out.push('\n');
        }
        for line in finding_text(finding, &renderer).lines() {
            out.push_str(line.trim_end());
            out.push('\n');
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

/// All findings as one JSON array, in the form they have in a plan.
#[must_use]
pub fn findings_json(report: &Report) -> String {
    let document = serde_json::to_string_pretty(&FindingDocument::all(report)).unwrap_or_default();
    words::safe_json(&document) + "\n"
}

/// All findings as annotations of GitHub Actions, one a line.
#[must_use]
pub fn findings_github(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.sorted() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some(place) = &finding.place {
            let (line, column) = place.line_column();
            properties.push(format!("file={}", github_property(&place.source.name)));
            properties.push(format!("line={line}"));
            properties.push(format!("col={column}"));
        }
        properties.push(format!("title={}", finding.code));
        let mut message = words::printable(&finding.message);
        if let Some(help) = &finding.help {
            message.push_str("\nhelp: ");
            message.push_str(&words::printable(help));
        }
        out.push_str(&format!(
            "::{command} {}::{}\n",
            properties.join(","),
            github_text(&message)
        ));
    }
    out
}

/// A text as GitHub's workflow commands want it.
fn github_text(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property's value: what ends a property has to be escaped as well.
fn github_property(text: &str) -> String {
    github_text(&words::printable(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
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
