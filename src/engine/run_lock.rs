//! Holds the lock. Two runs on one database never overlap, even after kill -9.
//!
//! Two names: the *run* lock is held for a whole command by a session that does nothing else. The *statement* lock is
//! held by the session that executes: the server keeps it until a dead client's statement has ended (an ALTER goes on
//! for minutes after kill -9), so whoever gets it knows that no orphan is left.

use crate::db::connect::Access;
use crate::db::failpoint::silence;
use crate::db::monitor::Watch;
use crate::db::topology::{self, Topology};
use crate::db::{error_code, packet, quote};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Holder, Listener};
use crate::schema::own_tables;
use crate::statement::secrets;
use mysql::Conn;
use sha2::{Digest, Sha256};
use std::sync::mpsc::{RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// For the whole command.
    Run,
    /// On the executing session.
    Statement,
}

/// The lock's name: lower case, since MySQL ignores case and MariaDB does not, and below the 64 characters of both.
/// Locks are server-wide, so the name holds the database and the history table; the database in lower case as well, since
/// a server that ignores case there (`lower_case_table_names`) knows it by any spelling. Where two differ in their case
/// only, one waits for the other.
pub fn name(which: Which, database: &str) -> String {
    let digest = Sha256::digest(format!("{}\0{}", database.to_lowercase(), own_tables::HISTORY));
    let hex: String = digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
    match which {
        Which::Run => format!("uturn:run:{hex}"),
        Which::Statement => format!("uturn:sql:{hex}"),
    }
}

/// The run lock, held by a session that does nothing else, but for what the watch asks on it. Dropping it lets go.
pub struct Held {
    /// The session that holds it.
    pub session: u64,
    /// Who asks on that session.
    pub watch: Arc<Watch>,
    conn: Arc<Mutex<Conn>>,
    _stop: Sender<()>,
}

impl Held {
    /// Takes the run lock, where anything may be written at all, and keeps its session awake from a thread of its own: a
    /// statement may take longer than the session's `wait_timeout`.
    pub fn take(access: &Access, limit: Duration, watch: &Arc<Watch>, listener: &mut Listener<'_>) -> Result<Held> {
        let mut conn = access.open()?;
        let silence = silence();
        let question = format!("SET SESSION wait_timeout = {}; {}", silence.as_secs(), topology::question());
        let sets = packet::ask(&mut conn, &question).map_err(|error| access.explain(&error))?;
        Topology::read(&sets[1..]).check(&mut conn, access.cluster)?;
        take(&mut conn, &name(Which::Run, &access.database), limit, watch, listener)?;
        let session = u64::from(conn.connection_id());
        let (stop, stopped) = std::sync::mpsc::channel::<()>();
        let conn = Arc::new(Mutex::new(conn));
        let awake = Arc::clone(&conn);
        std::thread::spawn(move || {
            while stopped.recv_timeout(silence / 5) == Err(RecvTimeoutError::Timeout) {
                if awake.lock().unwrap_or_else(PoisonError::into_inner).ping().is_err() {
                    break;
                }
            }
        });
        Ok(Held { session, watch: Arc::clone(watch), conn, _stop: stop })
    }

    /// Lets the watch ask on this session, as long as the lock is held, about the one that executes.
    pub fn let_look(&self, executing: u64) {
        self.watch.stand(&self.conn, executing);
    }
}

/// Takes the lock, waiting up to the limit, or until a signal is heard; the first second passes silently, then the wait
/// is told.
pub fn take(conn: &mut Conn, name: &str, limit: Duration, watch: &Watch, listener: &mut Listener<'_>) -> Result<()> {
    let started = Instant::now();
    let mut told = false;
    loop {
        let left = limit.saturating_sub(started.elapsed());
        // GET_LOCK(x, -1) is NULL on MariaDB and takes no lock; only the answer 1 is a lock.
        let seconds = u64::from(!left.is_zero());
        let question = format!("SELECT GET_LOCK({}, {seconds})", quote::text(name));
        let answer = match packet::ask(conn, &question) {
            // A limit for all statements of the server that is shorter than the wait.
            Err(error) if error_code::is_out_of_time(&error) => Vec::new(),
            answer => answer.map_err(|error| unavailable(&error))?,
        };
        if answer.concat().first().is_some_and(|row| packet::number(row, 0) == 1) {
            return Ok(());
        }
        let holder = holder(conn, name, limit);
        if !told && !limit.is_zero() {
            listener(Event::Waiting(holder.clone()));
            told = true;
        }
        if started.elapsed() >= limit || watch.is_stopping() {
            return Err(too_long(&holder));
        }
    }
}

fn unavailable(error: &mysql::Error) -> Error {
    let what = if error_code::is_connection_lost(error) {
        "the connection was lost while waiting for the lock"
    } else {
        "the server does not give out locks (GET_LOCK)"
    };
    crate::db::connect::with_said(Error::new(Kind::Locked, what), error)
        .truth("nothing has been changed by this run")
        .hint("run it again; if it stays so, docs/runbook.md, `locked`, tells more")
}

fn too_long(holder: &Holder) -> Error {
    let who = match holder.connection {
        Some(id) => {
            format!("connection {id}{}", holder.account.as_ref().map(|a| format!(" ({a})")).unwrap_or_default())
        }
        None => "another session".to_owned(),
    };
    let what = format!("{who} still runs migrations on this database after {} s", holder.limit.as_secs());
    let doing = holder.doing.as_ref().map(|doing| format!("; it is at: {doing}")).unwrap_or_default();
    Error::new(Kind::Locked, what)
        .truth(format!("nothing has been changed by this run{doing}"))
        .hint("wait for it and run again, or give it more time: `--wait 10m`")
}

/// Who holds it, as far as this account may see: other accounts' sessions need PROCESS.
fn holder(conn: &mut Conn, name: &str, limit: Duration) -> Holder {
    let question = format!(
        "SELECT ID, USER, HOST, TIME, INFO, STATE FROM information_schema.PROCESSLIST WHERE ID = IS_USED_LOCK({})",
        quote::text(name)
    );
    let rows = packet::ask(conn, &question).unwrap_or_default();
    let Some(row) = rows.first().and_then(|set| set.first()) else {
        return Holder { limit, ..Holder::default() };
    };
    let info = secrets::cut(&packet::word(row, 4)).split_whitespace().collect::<Vec<_>>().join(" ");
    let doing: String = if info.is_empty() { packet::word(row, 5) } else { info }.chars().take(120).collect();
    Holder {
        connection: Some(packet::number(row, 0)),
        account: Some(format!("{}@{}", packet::word(row, 1), packet::word(row, 2))),
        doing: (!doing.is_empty()).then_some(doing),
        limit,
    }
}
