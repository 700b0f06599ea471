//! A running `uturn` that is listened to while it runs.

use crate::support::app::Run;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The process, and what it has said so far.
pub struct Live {
    child: Child,
    lines: Receiver<String>,
    said: String,
    out: JoinHandle<String>,
}

impl Live {
    /// Starts a command.
    pub fn start(command: &mut Command) -> Live {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let (mut stdout, stderr) = (child.stdout.take().expect("piped"), child.stderr.take().expect("piped"));
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                if tell.send(line).is_err() {
                    break;
                }
            }
        });
        let out = std::thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).expect("stdout is text");
            text
        });
        Live { child, lines, said: String::new(), out }
    }

    /// Returns when stderr holds a text.
    #[track_caller]
    pub fn hears(&mut self, text: &str) {
        let since = Instant::now();
        while !self.said.contains(text) {
            let left = Duration::from_secs(60).saturating_sub(since.elapsed());
            let line = self.lines.recv_timeout(left);
            let line = line.unwrap_or_else(|_| panic!("`{text}` is not said\n--- stderr\n{}", self.said));
            self.said.push_str(&line);
            self.said.push('\n');
        }
    }

    /// Sends it a signal: `INT`, `TERM`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.child.id())]).status();
        assert!(sent.expect("a shell").success(), "{name} cannot be sent: has it ended?");
    }

    /// Waits for its end.
    pub fn end(mut self) -> Run {
        let status = self.child.wait().expect("the binary ends");
        let mut err = self.said;
        for line in self.lines.iter() {
            err.push_str(&line);
            err.push('\n');
        }
        Run { code: status.code(), out: self.out.join().expect("stdout was read"), err }
    }
}
