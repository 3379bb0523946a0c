//! Chromium, steered over its DevTools protocol on a pipe, so that nothing listens.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

/// A browser with one page.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: BufReader<File>,
    page: Option<String>,
    last: u64,
    /// What it told without being asked.
    news: Vec<Value>,
}

impl Browser {
    /// Starts Chromium, with a profile of its own in a folder.
    pub(crate) fn start(folder: &Path) -> Self {
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
            news: Vec::new(),
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let attached = browser.call("Target.attachToTarget", attach);
        browser.page = Some(attached["sessionId"].as_str().unwrap().to_owned());
        browser
    }

    /// One call of the protocol, and its answer.
    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
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
            if answer["id"] == self.last {
                assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
                return answer["result"].clone();
            }
            // What is no answer is news.
            self.news.push(answer);
        }
    }

    pub(crate) fn visit(&mut self, url: &str) {
        self.call("Page.navigate", json!({"url": url}));
    }

    /// What an expression is, as soon as it is anything.
    pub(crate) fn await_value(&mut self, expression: &str) -> Value {
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

    /// The news of some kinds since it began: their parameters.
    pub(crate) fn news(&self, methods: &[&str]) -> Vec<&Value> {
        let news = self.news.iter();
        let news = news.filter(|news| methods.iter().any(|method| news["method"] == *method));
        news.map(|news| &news["params"]).collect()
    }

    /// What an expression is now; a promise is waited for.
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let asked = json!({
            "expression": expression, "returnByValue": true, "awaitPromise": true,
        });
        let answer = self.call("Runtime.evaluate", asked);
        assert_eq!(
            answer["exceptionDetails"],
            Value::Null,
            "{expression}: {answer}"
        );
        answer["result"]["value"].clone()
    }

    /// Presses a key: its name, and the text that it types.
    pub(crate) fn press(&mut self, key: &str, text: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => 0,
        };
        let mut event = json!({"key": key, "code": key, "windowsVirtualKeyCode": code});
        for kind in ["keyDown", "keyUp"] {
            event["type"] = json!(kind);
            if kind == "keyDown" {
                event["text"] = json!(text);
            } else if let Some(event) = event.as_object_mut() {
                event.remove("text");
            }
            self.call("Input.dispatchKeyEvent", event.clone());
        }
    }

    /// Presses the mouse where an element is.
    pub(crate) fn click(&mut self, selector: &str) {
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
