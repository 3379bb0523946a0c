//! Pages on a narrow window, on a wide one, and on paper.

use std::{fs, process::Command};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    page::{changed, chromium::open},
    support::{chromium::Browser, world::World},
};

/// Gives back what has no room: elements beyond the window that nothing scrolls, texts that are cut
/// off, words that are broken although a line would hold them. And how many it looked at.
const ROOM: &str = r#"(() => {
  // Nothing is left out for being far away.
  document.querySelectorAll('article').forEach(one => one.style.contentVisibility = 'visible');
  document.querySelectorAll('details').forEach(one => one.open = true);
  const found = [], width = document.documentElement.clientWidth;
  const says = (what, one) => found.push(what + ': ' + one.tagName + '.' + one.getAttribute('class')
    + ' ' + one.textContent.trim().slice(0, 60));
  const scrolls = one => /auto|scroll/.test(getComputedStyle(one).overflowX);
  const aside = one => one.closest('.vh, .skip, script, style');
  let elements = 0, words = 0;
  if (document.documentElement.scrollWidth > width) found.push('the page is ' + document.documentElement.scrollWidth);
  for (const one of document.body.querySelectorAll('*')) {
    if (aside(one) || !one.getClientRects().length) continue;
    elements++;
    let around = one.parentElement;
    while (around && !scrolls(around)) around = around.parentElement;
    const box = one.getBoundingClientRect();
    if (!around && (box.right > width + 1 || box.left < -1)) says('beyond the window', one);
    if (/hidden|clip/.test(getComputedStyle(one).overflowX) && !one.closest('svg') && one.scrollWidth > one.clientWidth + 1)
      says('cut off', one);
    if (one.tagName === 'text') {
      const svg = one.closest('svg').getBoundingClientRect();
      if (box.right > svg.right + 1 || box.left < svg.left - 1 || box.bottom > svg.bottom + 3)
        says('beyond its drawing', one);
      const size = parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a;
      if (size < 8) says('letters of ' + size + ' pixels', one);
    }
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const parent = node.parentElement;
    if (aside(parent) || parent.closest('svg, pre')) continue;
    const boxes = (from, text) => {
      const range = document.createRange();
      range.setStart(node, from);
      range.setEnd(node, from + text.length);
      return [...range.getClientRects()].filter(box => box.width > 0);
    };
    let block = parent;
    while (/inline/.test(getComputedStyle(block).display)) block = block.parentElement;
    // What has no blank in it may be broken at a sign; and anywhere where it is longer than a line.
    for (const run of node.data.matchAll(/\S+/g)) {
      const whole = boxes(run.index, run[0]).reduce((sum, box) => sum + box.width, 0);
      for (const word of run[0].matchAll(/[\p{L}\p{N}]+/gu)) {
        words++;
        const lines = new Set(boxes(run.index + word.index, word[0]).map(box => Math.round(box.top)));
        if (lines.size > 1 && whole < block.clientWidth * 0.9) says('broken: ' + word[0], parent);
      }
    }
  }
  return { found, elements, words };
})()"#;

/// Gives a window a size.
fn resize(browser: &mut Browser, width: u32, height: u32) {
    let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
    browser.call("Emulation.setDeviceMetricsOverride", size);
}

/// The height of a window that nobody has to scroll: a picture of more than the window would make
/// the window larger, and what hangs on its height with it.
const TALL: u32 = 3000;

/// The page of a plan, that of a plan in which much is long, and a catalogue.
fn worlds() -> Vec<(&'static str, World, &'static str)> {
    let plan = changed();
    let _ = plan.run(&["plan", "--html", "plan.html"]).success();
    let catalogue = World::copy_of("examples");
    let _ = catalogue.run(&["apply", "--auto-approve"]).success();
    let export = ["export", "--html", "account.html", "--runs"];
    let _ = catalogue.run(&export).success();
    vec![
        ("plan", plan, "plan.html"),
        ("catalogue", catalogue, "account.html"),
        ("long", long(), "plan.html"),
    ]
}

/// The page of a plan of long names and many things.
fn long() -> World {
    let long = World::new();
    let word = "Donaudampfschifffahrtsgesellschaft".repeat(2);
    let folder = |name: &str, title: &str| {
        format!(
            "---\napiVersion: makeform/v1\nkind: Folder\nmetadata: {{ name: {name} }}\nspec: {{ name: \"{title}\" }}\n"
        )
    };
    let mut text = folder(
        "a-folder-with-an-address-of-many-words-that-goes-on-and-on",
        &word,
    );
    for number in 0..30 {
        text.push_str(&folder(
            &format!("folder-{number}"),
            &format!("Folder {number}"),
        ));
    }
    long.write("manifests/all.yaml", text.trim_start_matches("---\n"));
    let _ = long.run(&["plan", "--html", "plan.html"]).success();
    long
}

#[test]
fn a_page_has_room_for_its_words_on_a_phone_and_on_a_wide_screen() {
    for (name, world, file) in worlds() {
        let mut browser = open(&world, file);
        for width in [360, 400, 1280] {
            resize(&mut browser, width, 800);
            let told = browser.value(ROOM);
            assert_eq!(told["found"], json!([]), "{name} at {width}: {told:#}");
            assert!(told["elements"].as_u64().unwrap() > 100, "{told}");
            assert!(told["words"].as_u64().unwrap() > 50, "{told}");
        }
    }
}

/// How light the pixels of a column or row within an element's box are on average, 0 to 255: `x` and
/// `y` are of that box, from 0 to 1.
fn lightness(browser: &mut Browser, selector: &str, edge: &str) -> f64 {
    let area = browser.value(&format!(
        "(() => {{ const box = document.querySelector('{selector}').getBoundingClientRect(); \
           const one = document.querySelector('{selector}'); \
           const right = one.clientLeft + one.clientWidth, bottom = one.clientTop + one.clientHeight; \
           return '{edge}' === 'right' \
             ? {{ x: box.x + scrollX + right - 4, y: box.y + scrollY + bottom * 0.75, width: 3, height: bottom * 0.2 }} \
             : {{ x: box.x + scrollX + right * 0.75, y: box.y + scrollY + bottom - 4, width: right * 0.2, height: 3 }}; }})()"
    ));
    let clip = json!({"x": area["x"], "y": area["y"], "width": area["width"], "height": area["height"], "scale": 1});
    let asked = json!({"format": "png", "clip": clip, "captureBeyondViewport": false});
    let png = browser.call("Page.captureScreenshot", asked)["data"].clone();
    // Read by the browser itself, which knows the format.
    let read = browser.value(&format!(
        "(async () => {{ const bytes = Uint8Array.from(atob({png}), one => one.charCodeAt(0)); \
           const image = await createImageBitmap(new Blob([bytes], {{ type: 'image/png' }})); \
           const sheet = new OffscreenCanvas(image.width, image.height).getContext('2d'); \
           sheet.drawImage(image, 0, 0); \
           const data = sheet.getImageData(0, 0, image.width, image.height).data; \
           let sum = 0; for (let at = 0; at < data.length; at += 4) sum += data[at]; \
           return sum / (data.length / 4); }})()"
    ));
    read.as_f64().unwrap()
}

#[test]
fn what_scrolls_is_shaded_where_there_is_more() {
    let long = long();
    let mut browser = open(&long, "plan.html");
    resize(&mut browser, 400, TALL);
    // Thirty rows are more than there is room for.
    let more = "(() => { const one = document.querySelector('.wide'); return one.scrollHeight > one.clientHeight + 50; })()";
    assert_eq!(browser.value(more), true);
    let before = lightness(&mut browser, ".wide", "bottom");
    browser.value("document.querySelector('.wide').scrollTop = 1e6");
    let after = lightness(&mut browser, ".wide", "bottom");
    assert!(before + 20.0 < after, "{before} {after}");

    let world = changed();
    let _ = world.run(&["plan", "--html", "plan.html"]).success();
    let mut browser = open(&world, "plan.html");
    resize(&mut browser, 400, TALL);
    let before = lightness(&mut browser, ".canvas", "right");
    browser.value("document.querySelector('.canvas').scrollLeft = 1e6");
    let after = lightness(&mut browser, ".canvas", "right");
    assert!(before + 20.0 < after, "{before} {after}");
    // Seven rows are all shown.
    let more = "(() => { const one = document.querySelector('.wide'); return one.scrollHeight > one.clientHeight; })()";
    assert_eq!(browser.value(more), false);
}

#[test]
fn on_paper_all_is_there_and_dark_on_white() {
    let world = changed();
    let _ = world.run(&["plan", "--html", "plan.html"]).success();
    let mut browser = open(&world, "plan.html");
    let dark = json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.call("Emulation.setEmulatedMedia", dark);
    let pdf: Value =
        browser.call("Page.printToPDF", json!({"printBackground": true}))["data"].clone();
    let pdf = BASE64_STANDARD.decode(pdf.as_str().unwrap()).unwrap();
    fs::write(world.file("plan.pdf"), pdf).unwrap();
    let read = Command::new("pdftotext")
        .args(["-layout", "plan.pdf", "-"])
        .current_dir(world.path())
        .output()
        .expect("pdftotext, of poppler-utils, which .ci/run installs");
    let text = String::from_utf8(read.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // What is folded on the screen, the last card, and no control.
    assert!(text.contains("8 openai-gpt-3:CreateCompletion"), "{text}");
    for part in [
        "runs/month",
        "next runs",
        "Tell sales",
        "scenario.nasty",
        "folder.attic",
        "Digest",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        !text.contains("Search") && !text.contains("7 of 7 shown"),
        "{text}"
    );
    // Nothing is lost at the right edge of the paper.
    let paper =
        json!({"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]});
    browser.call("Emulation.setEmulatedMedia", paper);
    let colours = browser.value(
        "['body', '.canvas', 'thead th', '.drawing .lab tspan'].map(one => { const style = getComputedStyle(document.querySelector(one)); return [style.backgroundColor, style.fill, style.color].join(' '); })",
    );
    let colours: Vec<&str> = colours
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(
        colours.iter().all(|one| !one.contains("rgb(13, 17, 23)")),
        "{colours:?}"
    );
    assert!(colours[0].starts_with("rgb(255, 255, 255)"), "{colours:?}");
}
