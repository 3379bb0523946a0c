//! A login with a real browser: Chromium, which gets the page, presses the button with the
//! mouse, and comes back. It is steered over its DevTools protocol on a pipe, so nothing listens.
#![cfg(feature = "external-tests")]

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use makeform::sandbox::{CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT};
use serde_json::{Value, json};

use crate::support::{logging_in::LoggingIn, server::Server, world::World};

/// A browser with one page.
struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    page: Option<String>,
    last: u64,
}

impl Browser {
    /// Starts Chromium, with a profile of its own in a folder.
    fn start(folder: &Path) -> Self {
        let (to, from) = (folder.join("to-chromium"), folder.join("from-chromium"));
        for pipe in [&to, &from] {
            let made = Command::new("mkfifo").arg(pipe).status().unwrap();
            assert!(made.success());
        }
        // It reads from descriptor 3 and writes to 4.
        let script = "exec chromium --headless --no-sandbox --disable-gpu --no-proxy-server \
            --disable-background-networking --user-data-dir=\"$0\" --remote-debugging-pipe \
            about:blank 3<\"$1\" 4>\"$2\"";
        let child = Command::new("sh")
            .args(["-c", script])
            .arg(folder.join("profile"))
            .args([&to, &from])
            .env("HOME", folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = OpenOptions::new().write(true).open(to).unwrap();
        let from = BufReader::new(File::open(from).unwrap());
        let mut browser = Self {
            child,
            to,
            from,
            page: None,
            last: 0,
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.page = Some(attached["sessionId"].as_str().unwrap().to_owned());
        browser
    }

    /// One call of the protocol, and its answer.
    fn call(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(page) = &self.page {
            message["sessionId"] = json!(page);
        }
        let mut text = message.to_string().into_bytes();
        text.push(0);
        self.to.write_all(&text).unwrap();
        loop {
            let mut answer = Vec::new();
            let read = self.from.read_until(0, &mut answer).unwrap();
            assert!(read > 0, "the browser has gone");
            answer.pop();
            let answer: Value = serde_json::from_slice(&answer).unwrap();
            // What is no answer is news, which nobody asked for.
            if answer["id"] == self.last {
                assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn visit(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
    }

    /// What an expression is, as soon as it is anything.
    fn await_value(&mut self, expression: &str) -> Value {
        for _ in 0..300 {
            let asked = json!({"expression": expression, "returnByValue": true});
            let value = self.call("Runtime.evaluate", asked)["result"]["value"].clone();
            if !value.is_null() {
                return value;
            }
            thread::sleep(Duration::from_millis(50));
        }
        let asked = json!({
            "expression": "location.href + ' ' + document.documentElement.outerHTML",
            "returnByValue": true,
        });
        let page = self.call("Runtime.evaluate", asked);
        unreachable!("`{expression}` stays nothing: {page}");
    }

    /// Presses the mouse where an element is.
    fn click(&mut self, selector: &str) {
        let middle = self.await_value(&format!(
            "(() => {{ const found = document.querySelector('{selector}'); if (!found) return null; \
             found.scrollIntoView(); const box = found.getBoundingClientRect(); \
             return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({
                "type": kind, "x": middle["x"], "y": middle["y"], "button": "left",
                "clickCount": 1,
            });
            self.call("Input.dispatchMouseEvent", event);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn a_user_logs_in_with_a_real_browser_and_plans_with_that_login() {
    let account = World::new();
    let server = Server::start(&account, &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut browser = Browser::start(folder.path());
    for (client, secret, target) in [
        (PUBLIC_CLIENT, "", "one"),
        (CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, "two"),
    ] {
        let world = World::empty()
            .with_env("MAKE_CLIENT_ID", client)
            .with_env("MAKE_CLIENT_SECRET", secret);
        world.write(
            "makeform.yaml",
            &format!(
                "apiVersion: makeform/v1\nkind: Project\nmetadata: {{ name: acme }}\nspec:\n\
                 \x20 manifests: [\"manifests/**/*.yaml\"]\n\
                 \x20 targets: {{ {target}: {{ url: \"{}\" }} }}\n",
                server.url
            ),
        );
        world.write(
            "manifests/crm.yaml",
            "apiVersion: makeform/v1\nkind: Folder\nmetadata: { name: crm }\nspec: { name: CRM }\n",
        );
        // First a no, then a yes.
        let login = LoggingIn::start(&world, &[]);
        browser.visit(&login.url);
        browser.click("#deny");
        let text = "document.querySelector('h1')?.innerText === 'makeform' ? \
            document.body.innerText : null";
        let page = browser.await_value(text);
        assert!(
            page.as_str().unwrap().contains("did not come about"),
            "{page}"
        );
        let refused = login.end().exits(1);
        assert!(refused.stderr.contains("access_denied"), "{refused}");

        let login = LoggingIn::start(&world, &[]);
        browser.visit(&login.url);
        browser.click("#allow");
        let page = browser.await_value(text);
        assert!(
            page.as_str().unwrap().contains("You are logged in"),
            "{page}"
        );
        let output = login.end().success();
        assert!(output.stderr.contains("as Olivia Owen"), "{output}");

        let plan = world.run(&["plan"]).success();
        assert!(
            plan.stdout.contains("folder.crm") || target == "two",
            "{plan}"
        );
        let _ = world.run(&["apply", "--auto-approve"]).success();
        world.assert_settled();
    }
}
