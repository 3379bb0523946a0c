//! The sandbox, served by the real program.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStderr, Stdio},
};

use super::world::World;

/// A server of a project's own world, ended with the story.
pub(crate) struct Server {
    child: Child,
    /// Its address, without a path.
    pub url: String,
    /// Held open: a server whose words nobody takes would fail to say more.
    stderr: BufReader<ChildStderr>,
}

impl Server {
    /// Serves the world of a project on a free port.
    pub(crate) fn start(world: &World, extra: &[&str]) -> Self {
        let mut args = vec!["sandbox", "serve", "--listen", "127.0.0.1:0"];
        args.extend(extra);
        let mut child = world.command(&args).stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        Self {
            child,
            url: url.trim_end_matches("/api/v2").to_owned(),
            stderr,
        }
    }

    /// Serves the world of a project on two free ports; comes with the address of the unified
    /// dialect.
    pub(crate) fn start_both(world: &World, extra: &[&str]) -> (Self, String) {
        let mut args = vec!["--unified", "127.0.0.1:0"];
        args.extend(extra);
        let mut server = Self::start(world, &args);
        let said = server.says();
        assert!(said.contains("in the unified dialect"), "{said}");
        let url = said
            .split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap();
        let url = url.trim_end_matches("/api/v2").to_owned();
        (server, url)
    }

    /// The next line that it says.
    pub(crate) fn says(&mut self) -> String {
        let mut line = String::new();
        self.stderr.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
