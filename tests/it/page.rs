//! `plan --html`: the page, and what a real browser makes of it.

use std::collections::BTreeSet;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

use crate::support::world::World;

/// An account of `tests/pages/before`, and the manifests of `after`.
pub(crate) fn changed() -> World {
    let world = World::copy_of("tests/pages/before");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let after = format!(
        "{}/tests/pages/after/manifests/desk.yaml",
        env!("CARGO_MANIFEST_DIR")
    );
    world.write(
        "manifests/desk.yaml",
        &std::fs::read_to_string(after).unwrap(),
    );
    world
}

/// The page of what a world would change.
fn page(world: &World) -> String {
    let _ = world.run(&["plan", "--html", "plan.html"]).success();
    world.read("plan.html")
}

#[test]
fn a_page_holds_all_that_it_needs_and_lets_nothing_else_in() {
    let world = changed();
    let page = page(&world);
    let digest = |open: &str, close: &str| {
        let inner = page
            .split_once(open)
            .unwrap()
            .1
            .split_once(close)
            .unwrap()
            .0;
        let hash = BASE64_STANDARD.encode(Sha256::digest(inner));
        assert!(page.contains(&format!("'sha256-{hash}'")), "{open}");
    };
    digest("<style>", "</style>");
    digest("<script>", "</script>");
    assert_eq!(page.matches("<script").count(), 1);
    assert_eq!(page.matches("<style").count(), 1);
    for outside in ["http://", "src=", "@import", "url(", " on", " style="] {
        let body = page.split_once("<body>").unwrap().1;
        let body = body.rsplit_once("<script>").unwrap().0;
        assert!(!is_in_a_tag(body, outside), "{outside}");
    }
    assert!(page.contains("&lt;script&gt;document.title=&#39;taken&#39;"));
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    let modules: BTreeSet<&str> = ["added", "removed", "changed", "moved", "same"]
        .into_iter()
        .filter(|fate| page.contains(&format!("class=\"node {fate}\"")))
        .collect();
    assert_eq!(modules.len(), 5, "{modules:?}");
    assert!(page.contains("<table class=\"roles\">") && page.contains("class=\"week\""));
}

/// Whether a text stands within a tag of a page.
fn is_in_a_tag(page: &str, text: &str) -> bool {
    let tags = page.split('<').skip(1);
    tags.filter_map(|tag| tag.split_once('>')).any(|(tag, _)| {
        // Values of attributes are texts.
        let bare: String = tag.split('"').step_by(2).collect();
        bare.contains(text)
    })
}

#[test]
fn a_page_is_of_one_target_and_replaces_the_file_whole() {
    let world = changed();
    world.write("plan.html", "old");
    let first = page(&world);
    assert!(first.starts_with("<!DOCTYPE html>") && first.ends_with("</html>\n"));
    assert_eq!(page(&world), first);
    let nowhere = world
        .run(&["plan", "--html", "no/such/folder.html"])
        .exits(1);
    assert!(nowhere.stderr.contains("there is no folder"), "{nowhere}");
}

#[cfg(unix)]
#[test]
fn a_page_goes_where_a_link_leads_and_down_a_pipe() {
    let world = changed();
    world.write("real.html", "old");
    std::os::unix::fs::symlink("real.html", world.file("link.html")).unwrap();
    let _ = world.run(&["plan", "--html", "link.html"]).success();
    assert!(world.file("link.html").is_symlink());
    let page = world.read("real.html");
    assert!(page.starts_with("<!DOCTYPE html>"));
    let piped = world.run(&["plan", "--html", "/dev/stdout"]).success();
    assert!(piped.stdout.contains(page.trim_end()), "{piped}");
}

#[test]
fn fifty_changed_scenarios_fit_into_a_megabyte() {
    let world = World::new();
    write_scenarios(&world, 50, "a");
    let _ = world.run(&["apply", "--auto-approve"]).success();
    write_scenarios(&world, 50, "b");
    let page = page(&world);
    assert_eq!(page.matches("<article").count(), 50);
    assert_eq!(page.matches("class=\"drawing\"").count(), 50);
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
}

#[test]
fn an_account_is_a_catalogue() {
    let world = changed();
    let _ = world.run(&["apply", "--auto-approve"]).success();
    let before = world.files("manifests");
    let _ = world.run(&["export", "--html", "account.html"]).success();
    assert_eq!(world.files("manifests"), before);
    let page = world.read("account.html");
    assert_eq!(page.matches("<article").count(), 4);
    assert!(
        page.contains("Mon and Thu") || page.contains("05:00"),
        "{page}"
    );
    assert!(page.contains("webhook.leads") && page.contains("Lead desk"));
    assert!(!page.contains("<script>document") && !page.contains('\u{202e}'));
}

#[test]
fn a_catalogue_takes_no_option_that_only_manifests_heed() {
    let world = changed();
    for extra in [&["--keep-secrets"][..], &["--layout", "kinds"]] {
        let refused = world.run(&[&["export", "--html", "account.html"], extra].concat());
        let refused = refused.exits(1);
        assert!(refused.stderr.contains("cannot be used with"), "{refused}");
        assert!(!world.file("account.html").exists());
    }
}

/// Scenarios of eight modules, of which one changes with a word.
fn write_scenarios(world: &World, count: usize, word: &str) {
    let mut text = String::new();
    for number in 0..count {
        let mut modules = Vec::new();
        for id in 1..9 {
            let word = if id == 4 { word } else { "same" };
            modules.push(format!(
                "{{ id: {id}, module: \"app-{id}:Do\", version: 1, mapper: {{ a: \"{word}\", b: \"{{{{1.x}}}}\" }} }}"
            ));
        }
        text.push_str(&format!(
            "---\napiVersion: makeform/v1\nkind: Scenario\nmetadata: {{ name: s{number} }}\nspec:\n  name: S{number}\n  \
             blueprint: {{ flow: [{}], metadata: {{ version: 1 }} }}\n",
            modules.join(", ")
        ));
    }
    world.write("manifests/many.yaml", text.trim_start_matches("---\n"));
}

#[cfg(feature = "external-tests")]
pub(crate) mod chromium {
    use std::time::Instant;

    use serde_json::{Value, json};

    use super::{changed, page, write_scenarios};
    use crate::support::{chromium::Browser, world::World};

    /// A browser that shows the page of a plan.
    fn shown(world: &World) -> Browser {
        page(world);
        open(world, "plan.html")
    }

    /// A browser that shows a page.
    pub(crate) fn open(world: &World, file: &str) -> Browser {
        let mut browser = Browser::start(world.path());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        let url = format!("file://{}", world.file(file).display());
        browser.visit(&url);
        browser.await_value(
            "document.readyState === 'complete' && location.protocol === 'file:' ? 1 : null",
        );
        browser
    }

    fn count(browser: &mut Browser, selector: &str) -> u64 {
        let expression = format!("document.querySelectorAll('{selector}').length");
        browser.value(&expression).as_u64().unwrap()
    }

    /// No error was logged, and nothing but the page was asked for.
    fn assert_quiet(browser: &Browser) {
        let told = browser.news(&[
            "Runtime.exceptionThrown",
            "Log.entryAdded",
            "Runtime.consoleAPICalled",
        ]);
        assert!(told.is_empty(), "{told:?}");
        let asked = browser.news(&["Network.requestWillBeSent"]);
        assert_eq!(asked.len(), 1, "{asked:?}");
    }

    #[test]
    fn a_page_is_filtered_walked_and_clicked_through() {
        let world = changed();
        let mut browser = shown(&world);
        let all = count(&mut browser, "article");
        assert!(all >= 6, "{all}");
        let visible = "article:not([hidden])";
        // The keyboard: search, next, back.
        browser.press("/", "/");
        assert_eq!(browser.value("document.activeElement.id"), "q");
        for letter in "lead-desk".chars() {
            browser.press(&letter.to_string(), &letter.to_string());
        }
        assert_eq!(count(&mut browser, visible), 1);
        assert_eq!(
            browser.value("document.getElementById('shown').textContent"),
            format!("1 of {all} shown")
        );
        browser.press("Escape", "");
        assert_eq!(count(&mut browser, visible), all);
        browser.press("j", "j");
        let first = browser.value("document.activeElement.id");
        browser.press("j", "j");
        let second = browser.value("document.activeElement.id");
        assert!(
            first != second && second.as_str().unwrap().starts_with('s'),
            "{first} {second}"
        );
        browser.press("k", "k");
        assert_eq!(browser.value("document.activeElement.id"), first);
        // The filter.
        let updates = count(&mut browser, "article[data-action=update]");
        browser.click("#controls input[value=update]");
        assert_eq!(count(&mut browser, visible), all - updates);
        browser.click("#controls input[value=update]");
        // A module: by the mouse, and by Enter.
        browser.click("a.node.changed .app");
        let shown = browser.await_value(
            "location.hash && document.activeElement.tagName === 'LI' ? document.activeElement.textContent : null",
        );
        assert!(shown.as_str().unwrap().contains("changed"), "{shown}");
        browser.value("document.querySelector('a.node.added').focus()");
        browser.press("Enter", "\r");
        let shown = browser.await_value(
            "document.activeElement.tagName === 'LI' && document.activeElement.classList.contains('add') ? document.activeElement.textContent : null",
        );
        assert!(shown.as_str().unwrap().contains("added"), "{shown}");
        assert_eq!(browser.value("document.title"), "Plan for sandbox");
        assert_eq!(
            count(&mut browser, "article script, article img, article style"),
            0
        );
        assert_quiet(&browser);
    }

    #[test]
    fn strings_of_100_kb_leave_the_page_small_and_usable() {
        let world = World::new();
        let long = |mark: &str| format!("<b>{mark}</b>{}", "W".repeat(100_000));
        let blueprint = json!({
            "flow": [
                {"id": 1, "module": "gateway:CustomWebHook", "version": 1},
                {"id": 2, "module": "http:Get", "version": 1,
                 "metadata": {"designer": {"name": long("label")}},
                 "filter": {"name": long("filter"), "conditions": [[
                    {"a": long("a"), "o": "text:equal", "b": long("b")}]]},
                 "mapper": {"body": long("value"), "K".repeat(1000): 1, "lines": "short\n".repeat(20_000)}},
                {"id": 3, "module": "http:Get", "version": 1},
            ],
            "metadata": {"version": 1},
        });
        let manifest = |kind: &str, name: &str, spec: Value| {
            let it = json!({"apiVersion": "makeform/v1", "kind": kind, "metadata": {"name": name}, "spec": spec});
            format!("---\n{it}\n")
        };
        let text = manifest("Folder", "long", json!({"name": "W".repeat(100)}))
            + &manifest(
                "Scenario",
                "long",
                json!({
                    "name": "Long", "description": "W".repeat(240), "blueprint": blueprint,
                }),
            )
            + &manifest("Folder", "short", json!({"name": "Short"}));
        world.write("manifests/all.yaml", text.trim_start_matches("---\n"));
        let begun = Instant::now();
        let mut browser = shown(&world);
        assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
        let size = world.read("plan.html").len();
        assert!(size < 60_000, "{size} bytes");
        // All of it is below the width of the window, the drawing in a canvas of its own.
        assert_eq!(
            browser.value(
                "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
            ),
            true
        );
        assert_eq!(
            count(&mut browser, "main b:not(.counts b, td b, li b), svg b"),
            0
        );
        browser.press("/", "/");
        for letter in "short".chars() {
            browser.press(&letter.to_string(), &letter.to_string());
        }
        let visible = "Array.from(document.querySelectorAll('article:not([hidden]) h2'), h => h.textContent.includes('short'))";
        let seen = browser.value(visible);
        assert!(seen.as_array().unwrap().contains(&json!(true)), "{seen}");
        browser.press("Escape", "");
        browser.press("j", "j");
        browser.press("j", "j");
        let there =
            browser.value("document.activeElement.querySelector('h2').getBoundingClientRect().top");
        assert!(there.as_f64().unwrap().abs() < 600.0, "{there}");
        assert_quiet(&browser);
    }

    #[test]
    fn a_page_is_dark_where_that_is_wanted_and_prints() {
        let world = changed();
        let mut browser = shown(&world);
        let colour = "getComputedStyle(document.body).backgroundColor";
        assert_eq!(browser.value(colour), "rgb(255, 255, 255)");
        let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        browser.call("Emulation.setEmulatedMedia", dark);
        assert_eq!(browser.value(colour), "rgb(13, 17, 23)");
        let print = json!({"media": "print"});
        browser.call("Emulation.setEmulatedMedia", print);
        assert_eq!(browser.value(colour), "rgb(255, 255, 255)");
        assert_eq!(
            browser.value("getComputedStyle(document.getElementById('controls')).display"),
            "none"
        );
        let pdf = browser.call("Page.printToPDF", json!({}))["data"].clone();
        assert!(pdf.as_str().unwrap().len() > 10_000);
        assert_quiet(&browser);
    }

    #[test]
    fn axe_finds_nothing_to_mend_by_day_and_by_night() {
        let tool = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/target/tools/axe/node_modules/axe-core/axe.min.js"
        );
        let axe = std::fs::read_to_string(tool).expect("axe-core, which .ci/run installs");
        let world = changed();
        let mut browser = shown(&world);
        for scheme in ["light", "dark"] {
            let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
            browser.call("Emulation.setEmulatedMedia", media);
            // Over the protocol, which no policy of the page forbids.
            browser.value(&format!("{axe}; 1"));
            let found = browser.value(
                "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 200) + ' ' + n.failureSummary).slice(0, 3).join(' | ')))",
            );
            assert_eq!(found, json!([]), "{scheme}: {found:#}");
        }
    }

    /// How many changed scenarios are laid out at once, of a page of 500: those near the window. How
    /// smoothly such a page scrolls is measured by `cargo bench --bench scroll`.
    const NEAR: u64 = 20;

    #[test]
    fn of_five_hundred_changed_scenarios_only_those_near_the_window_are_laid_out() {
        let world = World::new();
        write_scenarios(&world, 500, "a");
        let _ = world
            .run(&["apply", "--auto-approve", "--allow", "mass-update"])
            .success();
        write_scenarios(&world, 500, "b");
        let mut browser = shown(&world);
        assert_eq!(count(&mut browser, "article"), 500);
        let drawn = "[...document.querySelectorAll('article')].filter(it => \
                     it.firstElementChild.checkVisibility({ contentVisibilityAuto: true })).length";
        for part in ["0", "0.3", "0.9", "1"] {
            let scrolled = format!(
                "new Promise(done => {{ scrollTo(0, document.documentElement.scrollHeight * {part}); \
                 requestAnimationFrame(() => requestAnimationFrame(() => done({drawn}))) }})"
            );
            let near = browser.value(&scrolled).as_u64().unwrap();
            assert!(near <= NEAR && (near > 0 || part == "0"), "{part}: {near}");
        }
        // What is not drawn yet can be found all the same.
        assert_eq!(
            browser.value("find('scenario.s499') && getSelection().toString()"),
            "scenario.s499"
        );
    }
}
