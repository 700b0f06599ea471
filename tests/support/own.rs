//! A server of a test's own, for what would disturb the others.

use crate::support::server::Server;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A server that goes when the test ends.
pub struct Own {
    /// The server.
    pub server: Server,
    kind: &'static str,
    state: TempDir,
}

impl Own {
    /// Starts one, with these options of the server.
    pub fn start(kind: &'static str, options: &[&str]) -> Own {
        let state = tempfile::tempdir().expect("a temporary folder");
        let mut words = vec!["start", kind, "--memory"];
        if !options.is_empty() {
            words.push("--");
            words.extend(options);
        }
        let url = script(&state, &words);
        let socket = script(&state, &["socket", kind]);
        Own { server: Server::at(kind, url.trim_end_matches("uturn"), &socket), kind, state }
    }
}

impl Own {
    /// kill -9.
    pub fn kill(&self) {
        script(&self.state, &["kill", self.kind]);
    }

    /// Makes ready to kill -9 it at once, without the time that a script takes to start. Without the word nothing is killed:
    /// by then another process may have its number.
    pub fn sniper(&self) -> Sniper {
        let pid =
            std::fs::read_to_string(self.state.path().join(format!("{}-default/pid", self.kind))).expect("it runs");
        let mut command = Command::new("bash");
        command.args(["-c", &format!("read && kill -9 {}", pid.trim())]).stdin(std::process::Stdio::piped());
        Sniper(command.spawn().expect("bash starts"))
    }

    /// Starts it again on the same data.
    pub fn restart(&self) {
        script(&self.state, &["restart", self.kind]);
    }
}

/// Waits for the word to kill a server.
pub struct Sniper(std::process::Child);

impl Sniper {
    /// Kills it.
    pub fn shoot(mut self) {
        self.0.stdin.take().expect("it listens").write_all(b"now\n").expect("it reads");
        self.0.wait().expect("bash ends");
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // Nobody needs the data, so no time is spent on a clean end.
        script(&self.state, &["kill", self.kind]);
        script(&self.state, &["stop", self.kind]);
    }
}

fn script(state: &TempDir, words: &[&str]) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/server");
    let mut command = Command::new(path);
    let output = command.args(words).env("UTURN_SERVER_DIR", state.path()).output().expect("scripts/server starts");
    assert!(output.status.success(), "scripts/server {words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
