//! What a reader of Markdown makes of the documents.

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{COMMENT, Planned, SUMMARY, plans_markdown};
use crate::{
    plan::{Action, Plan, twelve::twelve},
    render::{
        apply_command,
        sample::{address, plan, step},
    },
};

/// What stands in a document, by a reader of Markdown as GitHub has it.
#[derive(Default)]
struct Read {
    /// What is no code, where mentions, links and formulas are looked for.
    prose: String,
    /// What is HTML.
    html: String,
    /// The blocks of code, by their language.
    blocks: Vec<(String, String)>,
}

fn read(document: &str) -> Read {
    let mut read = Read::default();
    let mut block = None;
    for event in Parser::new_ext(document, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let pulldown_cmark::CodeBlockKind::Fenced(language) = kind else {
                    panic!("code without a fence: {document}");
                };
                block = Some((language.to_string(), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => read.blocks.extend(block.take()),
            Event::Start(
                Tag::Paragraph
                | Tag::Heading { .. }
                | Tag::HtmlBlock
                | Tag::Strong
                | Tag::List(None)
                | Tag::Item,
            )
            | Event::End(_)
            | Event::Code(_)
            | Event::SoftBreak => {}
            Event::Text(text) => match &mut block {
                Some((_, block)) => block.push_str(&text),
                None => read.prose.push_str(&text),
            },
            Event::Html(html) | Event::InlineHtml(html) => read.html.push_str(&html),
            other @ (Event::Start(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_)) => panic!("{other:?} in {document}"),
        }
    }
    assert!(block.is_none(), "a block is open");
    read
}

/// Nothing but our own words is read as prose or markup.
fn holds(document: &str) {
    let read = read(document);
    for sign in [
        '@', '#', '<', '[', '$', '|', '&', '\u{202e}', '\u{1b}', '\0',
    ] {
        assert!(!read.prose.contains(sign), "{sign:?} in {}", read.prose);
    }
    let mut html = read.html.clone();
    for tag in [
        "<details>",
        "<details open>",
        "</details>",
        "<summary>",
        "</summary>",
        "<code>",
        "</code>",
    ] {
        html = html.replace(tag, "");
    }
    assert!(!html.contains('<'), "{html}");
    assert!(
        !html.contains('@') || read.html.contains("<code>"),
        "{html}"
    );
    let count = |tag: &str| read.html.matches(tag).count();
    assert_eq!(
        count("<details>") + count("<details open>"),
        count("</details>")
    );
    for (language, _) in &read.blocks {
        let known = ["diff", "text", "sh", "mermaid"];
        assert!(known.contains(&language.as_str()), "{language}");
    }
}

#[test]
fn names_and_values_of_accounts_are_text_wherever_they_stand() {
    for (name, plan) in twelve() {
        let document = plans_markdown(&[Planned::Plan(&plan)], COMMENT);
        assert!(document.len() <= COMMENT, "{name}: {}", document.len());
        holds(&document);
        let whole = plans_markdown(&[Planned::Plan(&plan)], SUMMARY);
        holds(&whole);
    }
    let failed = Planned::Failed {
        target: "`</code>@everyone",
        why: "error: ```\n</details>\n<script>\u{202e} ~~~~\n",
    };
    let document = plans_markdown(&[failed], COMMENT);
    holds(&document);
    assert_eq!(read(&document).blocks.len(), 1);
}

#[test]
fn a_command_without_room_leaves_room_for_what_it_would_do() {
    let mut plan = plan(vec![step(
        "folder.crm",
        Action::Delete,
        Some(7),
        Vec::new(),
    )]);
    let named = |count: u32| {
        (0..count)
            .map(|n| address(&format!("scenario.number-{n}")))
            .collect()
    };
    plan.coverage.only = named(3);
    let whole = plans_markdown(&[Planned::Plan(&plan)], COMMENT);
    assert!(whole.contains(&apply_command(&plan)), "{whole}");
    plan.coverage.only = named(3_000);
    let document = plans_markdown(&[Planned::Plan(&plan)], COMMENT);
    holds(&document);
    assert!(!document.contains("scenario.number-0"), "{document}");
    for part in [
        plan.digest.as_str(),
        "1 to destroy",
        "- folder.crm",
        "3000 times",
    ] {
        assert!(document.contains(part), "{part}: {document}");
    }
}

#[test]
fn what_does_not_fit_is_cut_where_a_thing_ends_and_named() {
    let twelve = twelve();
    let (_, large) = twelve.iter().find(|(name, _)| *name == "large").unwrap();
    let document = plans_markdown(&[Planned::Plan(large)], COMMENT);
    assert!(document.len() <= COMMENT);
    let shown = document.matches("<details><summary><code>").count();
    assert!(shown > 50, "only {shown} things are shown");
    let cut = format!("**Cut: {} of the", large.steps.len() - shown);
    assert!(document.contains(&cut), "{cut}");
    assert!(
        document.contains("`makeform --target "),
        "where the rest is"
    );
    for step in &large.steps {
        assert!(
            document.contains(&step.address.to_string()),
            "{}",
            step.address
        );
    }
    // Where all of it fits, nothing is said of cutting.
    let whole = plans_markdown(&[Planned::Plan(large)], SUMMARY);
    assert!(!whole.contains("Cut:"));
    let shown = whole.matches("<details><summary><code>").count();
    assert_eq!(shown, large.steps.len());
}

#[test]
fn what_is_destroyed_is_shown_before_what_changes() {
    let mut steps = large_steps(40, Action::Update);
    steps.extend(large_steps(1, Action::Delete));
    let plan = plan(steps);
    let document = plans_markdown(&[Planned::Plan(&plan)], 8_000);
    assert!(
        document.contains("<summary><code>- folder.f0</code> will be destroyed"),
        "{document}"
    );
}

fn large_steps(number: usize, action: Action) -> Vec<crate::plan::Step> {
    let text = "x".repeat(200);
    (0..number)
        .map(|index| {
            let value = crate::plan::Difference::Added(crate::render::sample::value(text.as_str()));
            let change = crate::render::sample::change(&["name"], "name", value);
            step(&format!("folder.f{index}"), action, Some(7), vec![change])
        })
        .collect()
}

#[test]
fn all_targets_are_one_document_and_counts_come_first() {
    let twelve = twelve();
    let mut planned: Vec<Planned<'_>> =
        twelve.iter().map(|(_, plan)| Planned::Plan(plan)).collect();
    planned.push(Planned::Failed {
        target: "broken",
        why: "error: no answer",
    });
    let document = plans_markdown(&planned, COMMENT);
    assert!(document.len() <= COMMENT, "{}", document.len());
    holds(&document);
    let first: Vec<&str> = document.lines().take(planned.len()).collect();
    assert!(
        first.iter().all(|line| line.starts_with("- `")),
        "{first:?}"
    );
    assert!(first[12].contains("There is no plan"), "{first:?}");
}

fn fits(plans: &[Plan], room: usize) {
    let planned: Vec<Planned<'_>> = plans.iter().map(Planned::Plan).collect();
    let document = plans_markdown(&planned, room);
    assert!(document.len() <= room, "{} of {room}", document.len());
    holds(&document);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_document_never_takes_more_room_than_there_is(
        room in 2_000_usize..70_000,
        sizes in prop::collection::vec(0_usize..300, 1..60),
    ) {
        let plans: Vec<Plan> = sizes
            .iter()
            .map(|size| plan(large_steps(*size, Action::Create)))
            .collect();
        fits(&plans, room);
    }
}
