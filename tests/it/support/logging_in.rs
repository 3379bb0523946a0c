//! A login under way: the real program waits, and somebody visits the page that it names.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStderr, Stdio},
};

use super::world::{Output, World};

/// `auth login --oauth`, waiting for its user.
pub(crate) struct LoggingIn {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
    /// The page for the user.
    pub url: String,
}

impl LoggingIn {
    /// Starts the program, up to where it names the page.
    pub(crate) fn start(world: &World, args: &[&str]) -> Self {
        let mut all = vec!["auth", "login", "--oauth", "--no-browser"];
        all.extend(args);
        let mut command = world.command(&all);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let url = loop {
            let mut line = String::new();
            let read = stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended without naming a page:\n{said}");
            said.push_str(&line);
            if line.trim().starts_with("http") {
                break line.trim().to_owned();
            }
        };
        Self {
            child,
            stderr,
            said,
            url,
        }
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Output {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Output {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: self.said,
            code: output.status.code(),
        }
    }
}

/// A browser without a face: it follows nothing by itself.
pub(crate) struct Visitor {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

/// What a server showed.
#[derive(Debug)]
pub(crate) struct Shown {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

impl Visitor {
    pub(crate) fn new() -> Self {
        makeform::live::install_tls();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            client,
        }
    }

    /// Opens a page.
    pub(crate) fn get(&self, url: &str) -> Shown {
        self.send(self.client.get(url))
    }

    /// Asks with a token.
    pub(crate) fn get_as(&self, url: &str, token: &str) -> Shown {
        let request = self.client.get(url);
        self.send(request.header("authorization", format!("Token {token}")))
    }

    /// Sends a form.
    pub(crate) fn post(&self, url: &str, fields: &[(&str, &str)]) -> Shown {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.finish());
        self.send(request)
    }

    /// Opens the page for the user, and presses one of its buttons. Returns where that leads.
    pub(crate) fn decide(&self, url: &str, decision: &str) -> String {
        let page = self.get(url);
        assert_eq!(page.status, 200, "{page:?}");
        let mut fields = hidden_fields(&page.body);
        fields.push(("decision".to_owned(), decision.to_owned()));
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (&**k, &**v)).collect();
        let sent = self.post(url.split('?').next().unwrap(), &fields);
        assert_eq!(sent.status, 303, "{sent:?}");
        sent.location.unwrap()
    }

    fn send(&self, request: reqwest::RequestBuilder) -> Shown {
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            let location = answer.headers().get("location");
            let location = location.map(|value| value.to_str().unwrap().to_owned());
            Shown {
                status: answer.status().as_u16(),
                location,
                body: answer.text().await.unwrap(),
            }
        })
    }
}

/// The hidden fields of a form.
fn hidden_fields(html: &str) -> Vec<(String, String)> {
    let unescaped = |text: &str| {
        text.replace("&quot;", "\"")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&#39;", "'")
            .replace("&amp;", "&")
    };
    html.split("<input type=\"hidden\" ")
        .skip(1)
        .map(|input| {
            let value = |name: &str| {
                let (_, rest) = input.split_once(&format!("{name}=\"")).unwrap();
                unescaped(rest.split('"').next().unwrap())
            };
            (value("name"), value("value"))
        })
        .collect()
}
