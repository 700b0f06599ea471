//! Cuts a run at every named point of the protocol, and runs it again: the schema and the rows must be those of a run
//! that nobody disturbed. The scripts in tests/fixtures/crash are such that a statement run twice, or not at all, shows.
//!
//! In the usual run an even sample of the points is taken; UTURN_TEST_THOROUGH=1 takes them all.

use crate::support::app::{Run, run};
use crate::support::aside::by_side;
use crate::support::own::Own;
use crate::support::pause::{kill_sessions, paused};
use crate::support::script::{UNDO, UP, command, snapshot};
use crate::support::server::{Db, Server, on_each};

/// What happens at a point.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The process dies.
    Abort,
    /// The server ends the sessions; the process lives.
    KillSessions,
    /// The server dies, and is started again while the process lives.
    KillServer,
}

/// The points that a run reaches, with how often each is reached.
pub fn points(db: &Db, words: &str) -> Vec<String> {
    let trace = tempfile::NamedTempFile::new().expect("a temporary file");
    run(command(db, words).env("UTURN_FAILPOINT_TRACE", trace.path())).exits(0);
    let text = std::fs::read_to_string(trace.path()).expect("the trace is text");
    let lines: Vec<&str> = text.lines().collect();
    let nth = |index: usize| 1 + lines[..index].iter().filter(|line| **line == lines[index]).count();
    (0..lines.len()).map(|index| format!("{}:{}", lines[index], nth(index))).collect()
}

/// A run is cut at a point and run again until it is done; at most a few times, and without a question.
fn cut(db: &Db, own: Option<&Own>, words: &str, point: &str, fault: Fault) -> Run {
    let first = match fault {
        Fault::Abort => run(command(db, words).env("UTURN_FAILPOINT", point)),
        Fault::KillSessions => paused(command(db, words), point, || kill_sessions(db)),
        Fault::KillServer => paused(command(db, words), point, || {
            let own = own.expect("a server of its own");
            own.kill();
            own.restart();
        }),
    };
    if first.code == Some(0) {
        return first;
    }
    if !matches!(fault, Fault::Abort) {
        panic!("{point}: a lost connection must not end the run: {first:?}");
    }
    run(&mut command(db, words)).exits(0)
}

fn every_point(server: &Server, own: Option<&Own>, fault: Fault) {
    let db = server.database();
    let ups = points(&db, UP);
    let up_wanted = snapshot(&db);
    let undos = points(&db, UNDO);
    let undo_wanted = snapshot(&db);
    drop(db);
    let thorough = std::env::var("UTURN_TEST_THOROUGH").is_ok();
    let (mut cuts, mut of) = (0, 0);
    for (words, points, wanted) in [(UP, ups, &up_wanted), (UNDO, undos, &undo_wanted)] {
        let sample = if own.is_some() { 8 } else { 25 };
        let step = if thorough { 1 } else { 1 + points.len() / sample };
        of += points.len();
        let sample: Vec<&String> = points.iter().step_by(step).collect();
        let trial = |point: &&String| {
            let db = server.database();
            if words == UNDO {
                run(&mut command(&db, UP)).exits(0);
            }
            let last = cut(&db, own, words, point, fault);
            assert_eq!(&snapshot(&db), wanted, "{fault:?} at {point} of `{words}`; then: {}", last.err);
        };
        match own {
            // Each trial kills the server under all of them.
            Some(_) => sample.iter().for_each(trial),
            None => by_side(&sample, trial),
        }
        cuts += sample.len();
    }
    println!("{}: {fault:?} at {cuts} of {of} points, 0 wrong", server.kind);
}

on_each!(killed, |db| every_point(&db.server, None, Fault::Abort));

on_each!(connections_lost, |db| every_point(&db.server, None, Fault::KillSessions));

on_each!(server_killed, |db| {
    let own = Own::start(db.server.kind, &[]);
    every_point(&own.server, Some(&own), Fault::KillServer);
});
