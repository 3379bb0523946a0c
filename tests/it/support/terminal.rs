//! The program on a terminal, as people have it before them.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::{
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

use super::world::Output;

const ROWS: u16 = 50;

/// A run whose stdin and stderr are a terminal, and whose stdout is a pipe.
pub(crate) struct Terminal {
    /// Our side of it.
    own: File,
    columns: u16,
    child: Child,
    /// All that was written to it so far.
    written: Vec<u8>,
    /// How much of it counts no more.
    seen: usize,
}

impl Terminal {
    /// Starts a command on a terminal of so many columns.
    pub(crate) fn start(mut command: Command, columns: u16) -> Self {
        let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&own).unwrap();
        unlockpt(&own).unwrap();
        let name = ptsname(&own, Vec::new()).unwrap();
        let name = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
        let theirs = OpenOptions::new().read(true).write(true).open(name);
        let theirs = theirs.unwrap();
        let size = Winsize {
            ws_row: ROWS,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&theirs, size).unwrap();
        command
            .env("TERM", "xterm-256color")
            .stdin(Stdio::from(theirs.try_clone().unwrap()))
            .stderr(Stdio::from(theirs))
            .stdout(Stdio::piped());
        // Its own handles of the terminal go with the command: reading ends with the process.
        let child = command.spawn().unwrap();
        drop(command);
        Self {
            own: own.into(),
            columns,
            child,
            written: Vec::new(),
            seen: 0,
        }
    }

    /// What was written to it, as it is on the wire.
    pub(crate) fn written(&self) -> String {
        String::from_utf8_lossy(&self.written).into_owned()
    }

    /// What one sees on it now, line by line.
    pub(crate) fn screen(&self) -> String {
        let mut screen = vt100::Parser::new(ROWS, self.columns, 0);
        screen.process(&self.written);
        // Not `contents`: that joins a line which fills its row to the next one.
        let rows = screen.screen().rows(0, self.columns);
        let rows: Vec<String> = rows.map(|row| row.trim_end().to_owned()).collect();
        rows.join("\n").trim_end().to_owned()
    }

    /// Waits for a text.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        while !String::from_utf8_lossy(&self.written[self.seen..]).contains(text) {
            let goes_on = self.read();
            assert!(goes_on, "`{text}` is not in {}", self.written());
        }
    }

    /// Has what was written so far count no more for [`Terminal::shows`].
    pub(crate) fn forgets(&mut self) {
        self.seen = self.written.len();
    }

    /// Waits until what is typed is not shown.
    pub(crate) fn hides_what_is_typed(&self) {
        let modes = || tcgetattr(&self.own).unwrap().local_modes;
        while modes().contains(LocalModes::ECHO) {
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Types a line.
    pub(crate) fn types(&mut self, line: &str) {
        self.own.write_all(format!("{line}\r").as_bytes()).unwrap();
    }

    /// Reads to the end of the run; `stderr` is what one sees then.
    pub(crate) fn end(&mut self) -> Output {
        while self.read() {}
        let mut stdout = String::new();
        let mut pipe = self.child.stdout.take().unwrap();
        pipe.read_to_string(&mut stdout).unwrap();
        Output {
            stdout,
            stderr: self.screen(),
            code: self.child.wait().unwrap().code(),
        }
    }

    /// Reads what is there; false at the end.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        // A terminal that nobody holds any more is an error (EIO), and that is its end.
        let read = self.own.read(&mut buffer).unwrap_or(0);
        self.written.extend(&buffer[..read]);
        read > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
