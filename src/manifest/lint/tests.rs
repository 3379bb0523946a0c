//! Lints in projects: their places, their levels, and what several manifests have to do with them.

use crate::{
    diagnostic::{Report, Severity, codes},
    manifest::{
        find_project, load,
        tests::{folder, lines},
        validate,
    },
};

/// A project with `lints`, and with a manifest.
fn project(lints: &str) -> String {
    format!(
        "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: test }}\nspec:\n  manifests: \
         [\"m/**/*.yaml\"]\n  {lints}\n  targets: {{ sandbox: {{ url: \"sandbox:\" }} }}\n"
    )
}

/// What validation finds in manifests; with `plan`, what comes before a plan.
fn found(lints: &str, files: &[(&str, &str)], plan: bool) -> Report {
    let project = project(lints);
    let all = [&[("makeform.yaml", project.as_str())], files].concat();
    let folder = folder(&all);
    let project = find_project(folder.path()).unwrap();
    match plan {
        true => load(&project, "sandbox", &|_| None).1,
        false => validate(&project, "sandbox", &|_| None).1,
    }
}

fn told(files: &[(&str, &str)]) -> Vec<String> {
    lines(&found("env: []", files, false))
}

/// A scenario of a file of its own.
fn scenario(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: {name} }}\nspec:\n  {spec}\n"
    )
}

const BREAKS: &str = r#"{"flow": [{"id": 1, "module": "http:Get",
  "onerror": [{"id": 2, "module": "builtin:Break"}]}], "metadata": {"scenario": {"dlq": false}}}"#;

#[test]
fn breaks_take_incomplete_executions_that_are_kept() {
    let with = |spec: &str, blueprint: &str| {
        let manifest = scenario("a", &format!("blueprint: {{ file: b.json }}{spec}"));
        told(&[("m/a.yaml", &manifest), ("m/b.json", blueprint)])
    };
    let told = "m/b.json:2:15 break-not-kept: module 2 stores a failed run, and incomplete executions are \
                not kept";
    let kept = BREAKS.replace("false", "true");
    assert_eq!(with("", BREAKS), [told]);
    assert_eq!(
        with(
            "",
            r#"{"flow": [{"id": 1, "onerror": [{"id": 2, "module": "builtin:Break"}]}]}"#
        )
        .len(),
        1
    );
    assert_eq!(
        with("\n  settings: { keepIncomplete: null }", &kept).len(),
        1
    );
    assert_eq!(with("", &kept), [] as [&str; 0]);
    // The manifest wins, and says so.
    let both = with("\n  settings: { keepIncomplete: true }", BREAKS);
    assert!(
        both.iter().all(|line| !line.contains("break-not-kept")),
        "{both:?}"
    );
    let other = BREAKS.replace("Break", "Resume");
    assert_eq!(with("", &other), [] as [&str; 0]);
}

#[test]
fn instant_triggers_and_called_scenarios_have_their_schedules() {
    let hook = "blueprint: { flow: [{ id: 1, module: \"gateway:CustomWebHook\" }] }";
    let poll = "blueprint: { flow: [{ id: 1, module: \"rss:Watch\" }] }";
    let parent = "blueprint: { flow: [{ id: 1, module: \"scenario-service:CallSubscenario\", \
                  parameters: { scenario: \"${scenario.child}\" } }] }";
    let shared = "---\napiVersion: makeform/v1\nkind: Schedule\nmetadata: { name: often }\nspec: { every: 15m }\n";
    let with = |spec: &str, schedule: &str| {
        let text = scenario("child", &format!("{spec}\n  schedule: {schedule}")) + shared;
        let text = text + &scenario("parent", &format!("{parent}\n  schedule: schedule.often"));
        told(&[("m/a.yaml", &text)])
    };
    let call = "called-not-on-demand: it is not on demand, and is called by module 1 \
                (scenario-service:CallSubscenario) of `scenario.parent`";
    let wait = "instant-on-interval: module 1 (gateway:CustomWebHook) tells of news at once, and a \
                schedule says when to look";
    for schedule in ["schedule.often", "{ every: 15m }", "{ daily: \"06:30\" }"] {
        let place = |line: &String| line.split_once(' ').unwrap().1.to_owned();
        let both: Vec<String> = with(hook, schedule).iter().map(place).collect();
        assert_eq!(both, [call, wait], "{schedule}");
        let one = with(poll, schedule);
        assert_eq!(one, [format!("m/a.yaml:7:13 {call}")], "{schedule}");
    }
    assert_eq!(with(hook, "{ onDemand: true }"), [] as [&str; 0]);
    assert_eq!(
        with(hook, "{ immediately: true }"),
        [format!("m/a.yaml:7:13 {call}")]
    );
    let never = "immediately-never: module 1 (rss:Watch) is told of nothing, so that it never runs \
                 immediately";
    let alone = |spec: &str, schedule: &str| {
        let text = scenario("a", &format!("{spec}\n  schedule: {schedule}"));
        told(&[("m/a.yaml", &text)])
    };
    let place = "m/a.yaml:7:13";
    assert_eq!(
        alone(poll, "{ immediately: true }"),
        [format!("{place} {never}")]
    );
    assert_eq!(alone(poll, "{ onDemand: true }"), [] as [&str; 0]);
    assert_eq!(alone(hook, "{ immediately: true }"), [] as [&str; 0]);
    // What no manifest says of a schedule stays as it is in Make.
    let silent = scenario("child", hook)
        + shared
        + &scenario("parent", &format!("{parent}\n  schedule: schedule.often"));
    assert_eq!(told(&[("m/a.yaml", &silent)]), [] as [&str; 0]);
}

const ODD: &str = r#"{"flow": [
  {"id": 1, "module": "a:b", "parameters": {"__IMTCONN__": 12}},
  {"id": 1, "module": "a:b", "mapper": {"x": "a {{9.x}} {{parsedate(1.a)}}"}},
  {"id": 3, "module": "a:b", "mapper": {"x": "<YOUR_ID>"},
   "filter": {"conditions": [[{"a": "1", "b": "2", "o": "text:equal"}]]}}]}"#;

#[test]
fn each_finding_stands_where_the_blueprint_says_it() {
    let manifest = scenario("a", "blueprint: { file: b.json }");
    let found = told(&[("m/a.yaml", &manifest), ("m/b.json", ODD)]);
    assert_eq!(
        found,
        [
            "m/b.json:2:60 raw-id: the blueprint holds ids of one account: connection 12 (module 1 (a:b))",
            "m/b.json:3:10 duplicate-module: several modules have the id 1",
            "m/b.json:3:51 module-missing: a formula reads module 9, which is not there (in module 1#2 (a:b))",
            "m/b.json:3:59 unknown-function: `parsedate` is no function of Make's (in module 1#2 (a:b))",
            "m/b.json:4:47 leftover-placeholder: `<YOUR_ID>` was never filled in (in module 3 (a:b))",
            "m/b.json:5:14 unreachable: nothing passes the filter of module 3 (a:b): text:equal of `1` and `2`",
        ]
    );
}

#[test]
fn the_project_says_how_bad_a_lint_is() {
    let manifest = scenario("a", "blueprint: { file: b.json }");
    let files = [("m/a.yaml", manifest.as_str()), ("m/b.json", ODD)];
    let list = |report: &Report| -> Vec<(&str, Severity)> {
        let sorted = report.sorted().into_iter();
        sorted
            .map(|finding| (finding.code.name, finding.severity))
            .collect()
    };
    // Plans tell of raw ids themselves, and of lints only where they stop.
    let kept = [("duplicate-module", Severity::Warning)];
    assert_eq!(list(&found("env: []", &files, true)), kept);
    let lints = "lints: { duplicate-module: off, raw-id: error, module-missing: error, \
                 unreachable: warning, unknown-function: off, leftover-placeholder: off }";
    let stop = [
        ("raw-id", Severity::Error),
        ("module-missing", Severity::Error),
    ];
    let warns = [("unreachable", Severity::Warning)];
    assert_eq!(list(&found(lints, &files, true)), stop);
    assert_eq!(
        list(&found(lints, &files, false)),
        [&stop[..], &warns].concat()
    );
}

#[test]
fn levels_that_mean_nothing_are_refused_with_the_nearest() {
    let lints = "lints: { modul-missing: off, dangling-reference: off, xyz: error, raw-id: maybe }";
    let text = project(lints);
    let folder = folder(&[("makeform.yaml", text.as_str())]);
    let report = find_project(folder.path()).unwrap_err();
    let helps: Vec<(String, String)> = report
        .sorted()
        .iter()
        .map(|finding| (finding.message.clone(), finding.help.clone().unwrap()))
        .collect();
    let expected = [
        (
            "there is no lint `modul-missing`",
            "did you mean `module-missing`?",
        ),
        (
            "`dangling-reference` is no lint",
            "it is always an error: take it out",
        ),
        (
            "there is no lint `xyz`",
            "there are: break-not-kept, called-not-on-demand, duplicate-module, immediately-never, \
          instant-on-interval, leftover-placeholder, literal-secret, module-later, module-missing, \
          raw-id, unknown-function, unreachable",
        ),
        (
            "there is no level `maybe`",
            "write `off`, `warning` or `error`",
        ),
    ];
    let helps: Vec<(&str, &str)> = helps
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(helps, expected);
}

/// The table of `docs/lints.md` has each lint once, with its level, in order.
#[test]
fn the_documentation_lists_the_lints() {
    let docs = include_str!("../../../docs/lints.md");
    let rows = docs.lines().filter_map(|line| line.strip_prefix("| `"));
    let rows: Vec<(&str, &str)> = rows
        .filter_map(|row| {
            let mut cells = row.split('|').map(str::trim);
            Some((cells.next()?.trim_end_matches('`'), cells.next()?))
        })
        .collect();
    let known = codes::lints::SETTABLE.iter();
    let known: Vec<(&str, &str)> = known
        .map(|code| (code.name, code.severity.as_str()))
        .collect();
    assert_eq!(rows, known);
}
