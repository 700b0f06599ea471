//! Lost packets: each command of a run in turn never gets to the server, or its answer never comes back. uturn finds out
//! which it was, and goes on by itself.
//!
//! In the usual run an even sample of the commands is taken; UTURN_TEST_THOROUGH=1 takes them all.

use crate::support::app::{Run, run};
use crate::support::aside::by_side;
use crate::support::proxy::{Lost, Proxy};
use crate::support::script::{MIGRATIONS, UNDO, UP, command, snapshot};
use crate::support::server::{Db, Server, on_each};
use std::sync::atomic::{AtomicUsize, Ordering};

fn through(db: &Db, proxy: &Proxy, words: &str) -> Run {
    run(command(db, words).env("DATABASE_URL", proxy.url(db)))
}

fn every_packet(server: &Server, lost: Lost) {
    let db = server.database();
    let mut figures = Vec::new();
    for words in [UP, UNDO] {
        let proxy = Proxy::start(&server.address(), "", 0);
        through(&db, &proxy, words).exits(0);
        figures.push((words, proxy.seen(), snapshot(&db)));
    }
    let thorough = std::env::var("UTURN_TEST_THOROUGH").is_ok();
    for (words, commands, wanted) in figures {
        let step = if thorough { 1 } else { 1 + commands / 20 };
        let unreached = AtomicUsize::new(0);
        let all: Vec<usize> = (1..=commands).step_by(step).collect();
        by_side(&all, |&nth| {
            let db = server.database();
            if words == UNDO {
                run(&mut command(&db, UP)).exits(0);
            }
            let before = snapshot(&db);
            let proxy = Proxy::losing(&server.address(), "", nth, lost);
            let mut last = through(&db, &proxy, words);
            if last.code == Some(4) {
                // Nothing had begun; it is safe to try again, as the exit code says.
                assert_eq!(snapshot(&db), before, "{lost:?} {nth} of {commands} in `{words}`: {}", last.err);
                unreached.fetch_add(1, Ordering::SeqCst);
                last = run(&mut command(&db, words));
            }
            assert_eq!(last.code, Some(0), "{lost:?} {nth} of {commands} in `{words}`: {}", last.err);
            assert_eq!(snapshot(&db), wanted, "{lost:?} {nth} of {commands} in `{words}`: {}", last.err);
            let told: Vec<&str> =
                last.err.lines().filter(|l| l.starts_with("applied") || l.starts_with("undone")).collect();
            assert_eq!(
                told.len(),
                MIGRATIONS,
                "each is told once: {lost:?} {nth} of {commands} in `{words}`: {}",
                last.err
            );
        });
        let unreached = unreached.into_inner();
        println!(
            "{}: `{words}` has {commands} commands; {lost:?} of every {step}. lost, {unreached} before it began",
            server.kind
        );
    }
}

on_each!(answers_lost, |db| every_packet(&db.server, Lost::Answer));

on_each!(requests_lost, |db| every_packet(&db.server, Lost::Request));
