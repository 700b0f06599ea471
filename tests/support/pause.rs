//! A run that is held at a named point while something else happens.

use crate::support::app::Run;
use crate::support::server::Db;
use mysql::prelude::Queryable;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs up to a point, `NAME:N`, does something there, and lets the run go on.
pub fn paused(mut command: Command, point: &str, then: impl FnOnce()) -> Run {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("paused");
    command.env("UTURN_FAILPOINT", format!("{point}:pause")).env("UTURN_FAILPOINT_FILE", &file);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    let since = Instant::now();
    while !file.exists() {
        assert!(since.elapsed() < Duration::from_secs(20), "{point} was never reached");
        std::thread::sleep(Duration::from_millis(5));
    }
    then();
    std::fs::remove_file(&file).expect("the pause's file is there");
    Run::new(child.wait_with_output().expect("the binary ends"))
}

/// Ends all sessions on a database.
pub fn kill_sessions(db: &Db) {
    let mut conn = db.server.conn("");
    let query = format!("SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '{}'", db.name);
    for id in conn.query::<u64, _>(query).expect("the process list") {
        // A session may end by itself in between.
        let _ = conn.query_drop(format!("KILL {id}"));
    }
}
