//! The executing session: one connection that holds the statement lock, and the journal's rows that wait for the next
//! commit.
//!
//! DDL is its own commit, so a migration of one DDL statement needs two: the DDL's, and one that holds the row of the
//! history together with the intent of whatever comes next. `later` collects such rows, `commit` sends them, and
//! `announce` lets the announced statement ride in the same packet (`transaction`).

mod transaction;

pub use transaction::{Announced, Behind, RELEASE, Rider};

use crate::db::connect::Access;
use crate::db::connect::LocalFiles;
use crate::db::failpoint::{reach, silence};
use crate::db::flavour::Flavour;
use crate::db::monitor::{Doing, FirstSignal, Watch};
use crate::db::non_transactional::Named;
use crate::db::packet::{self, Answer};
use crate::db::server::{self, Server};
use crate::db::{error_code, gtid, own_settings, quote};
use crate::engine::evidence::{self, Evidence, Scope, When};
use crate::engine::history::Ledger;
use crate::engine::journal::Waiting;
use crate::engine::run_lock::Held;
use crate::engine::{journal, run_lock};
use crate::error::{Error, Kind, Result};
use crate::event::{Busy, Event, Listener, With};
use crate::migration::lock_wait::Patience;
use mysql::Conn;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Why a run ends early.
#[derive(Debug)]
pub enum Halt {
    /// The connection is gone. What became of the last packet is found out by recovery, on a new one.
    Lost(mysql::Error),
    /// Everything else.
    Failed(Error),
}

impl Halt {
    /// The same, of a run of which something has been committed: `nothing has been changed` is not true any more.
    pub fn after_a_start(self) -> Halt {
        match self {
            Halt::Failed(error) => Halt::Failed(error.after_a_start()),
            Halt::Lost(error) => Halt::Lost(error),
        }
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Failed(error)
    }
}

/// A statement that the server has answered, and whose outcome is not committed yet. Only this process knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The run.
    pub run: u64,
    /// The statement, counted from 1.
    pub step: usize,
    /// Which start of which server has answered.
    pub boot: String,
}

/// The executing session.
pub struct Session {
    /// The connection.
    pub conn: Conn,
    /// What the server is.
    pub server: Server,
    /// The name of the statement lock, which this session holds.
    pub lock: String,
    /// The name of the run lock, and the session that holds it.
    run_lock: (String, u64),
    /// The next run's number.
    pub next_run: u64,
    /// The number of the first run of this `up`, once it is known.
    pub first_run: Option<u64>,
    /// A transaction of ours is open.
    pub in_transaction: bool,
    /// A script has changed the session; the next one must not see it.
    pub touched: bool,
    /// How many transactions this session has committed.
    pub commits: u64,
    /// The default database, where a script has changed it with USE.
    pub used: Option<String>,
    /// What the first statement of the next script changes, where it is enough to look at one table.
    pub upcoming: Option<Scope>,
    /// What was seen for the next statement, behind the last one.
    ahead: Option<Evidence>,
    /// What its DML may write to, as far as that was asked.
    pub named: Named,
    /// Which files of this machine a script may have sent to the server.
    pub local_files: LocalFiles,
    /// Who looks on.
    pub watch: Arc<Watch>,
    /// What this is about.
    pub busy: Option<Busy>,
    /// `lock_wait_timeout` of a session as new, in seconds.
    patience: u64,
    rows: Waiting,
    events: Vec<Event>,
    known: Option<Known>,
    /// What waits says something that nobody could find out again.
    has_news: bool,
}

impl Session {
    /// Connects and takes the statement lock: from then on no orphan of a dead runner is left.
    pub fn open(
        access: &Access,
        held: &Held,
        wait: Duration,
        patience: Patience,
        listener: &mut Listener<'_>,
    ) -> Result<Session> {
        let mut conn = access.open_for_scripts()?;
        held.let_look(u64::from(conn.connection_id()));
        let lock = run_lock::name(run_lock::Which::Statement, &access.database);
        run_lock::take(&mut conn, &lock, wait, &held.watch, listener)?;
        let explain = |error: &mysql::Error| access.explain(error);
        let server = server::ask(&mut conn).map_err(|e| explain(&e))?;
        // Behind a proxy it may be another server than the one that gave out the run lock.
        server.topology.check(&mut conn, access.cluster)?;
        set_up(&mut conn, &server, patience.seconds()).map_err(|e| explain(&e))?;
        held.watch.knows(server.flavour);
        Ok(Session {
            conn,
            server,
            lock,
            run_lock: (run_lock::name(run_lock::Which::Run, &access.database), held.session),
            next_run: 0,
            first_run: None,
            in_transaction: false,
            touched: false,
            commits: 0,
            used: None,
            upcoming: None,
            ahead: None,
            named: Named::default(),
            local_files: access.local_files.clone(),
            watch: Arc::clone(&held.watch),
            busy: None,
            patience: patience.seconds(),
            rows: Waiting::default(),
            events: Vec::new(),
            known: None,
            has_news: false,
        })
    }

    /// The database, as the server spells it.
    pub fn schema(&self) -> &str {
        &self.server.database
    }

    /// Where the script's names without a schema are looked up.
    pub fn default_schema(&self) -> &str {
        self.used.as_deref().unwrap_or(self.schema())
    }

    /// Makes the journal's tables, or brings those of an older uturn up to date. What is written from here on follows what
    /// was read.
    pub fn prepare_journal(&mut self, ledger: &Ledger) -> mysql::Result<()> {
        for alter in journal::upgrade(&self.server.database, ledger.layout.versions) {
            packet::tell(&mut self.conn, &alter)?;
            reach("upgrade.after");
        }
        if !ledger.layout.journal {
            let [run, step] = journal::create(&self.server.database);
            // The table of the runs says that there is a journal, so it comes last.
            packet::tell(&mut self.conn, &format!("{step}; {run}"))?;
        }
        if ledger.may_hold_secrets {
            journal::cut_secrets(&mut self.conn, &self.server.database)?;
        }
        self.next_run = ledger.last_run + 1;
        Ok(())
    }

    /// What the objects of a scope look like now, and what the server has executed, however long another session locks them.
    pub fn look(&mut self, scope: Scope) -> std::result::Result<Evidence, Halt> {
        match self.try_to_look(scope.clone(), When::Since)? {
            Ok(found) => Ok(found),
            Err(error) if self.was_stopped(&error) => Err(self.halt(error)),
            Err(_) => self.unhurried(|session| {
                session.record_watched(0);
                let found = session.try_to_look(scope, When::Since)?;
                session.watch.end();
                found.map_err(|error| session.halt(error))
            }),
        }
    }

    /// Looks the objects of a scope up, always under the same settings: those of a script, or of whoever has changed the
    /// server's defaults since, change what SHOW CREATE and CREATE_TIME read like. Gives back an error where another session
    /// locks one of them for longer than a statement waits.
    pub fn try_to_look(&mut self, scope: Scope, when: When) -> std::result::Result<mysql::Result<Evidence>, Halt> {
        let is_seen = when == When::Before && self.has_seen(&scope);
        if let Some(seen) = self.ahead.take().filter(|_| is_seen) {
            return Ok(Ok(seen));
        }
        let look = |session: &mut Session| evidence::capture(&mut session.conn, &session.server, scope, when);
        let found = if self.looks_aside() { self.under_own_settings(look)? } else { look(self) };
        match found {
            Err(error) if !error_code::is_locked_out(&error) && !self.was_stopped(&error) => Err(self.halt(error)),
            found => Ok(found),
        }
    }

    /// Asks what uturn needs to know, under its own settings where those of the server are others.
    pub fn aside<T>(&mut self, ask: impl FnOnce(&mut Session) -> T) -> std::result::Result<T, Halt> {
        if self.server.shows_plainly { Ok(ask(self)) } else { self.under_own_settings(ask) }
    }

    fn under_own_settings<T>(&mut self, ask: impl FnOnce(&mut Session) -> T) -> std::result::Result<T, Halt> {
        let back = self.set_aside()?;
        let answer = ask(self);
        self.packet(&back)?;
        Ok(answer)
    }

    /// Whether a signal has ended a wait for a lock.
    fn was_stopped(&self, error: &mysql::Error) -> bool {
        error_code::is_interrupted(error) && self.watch.is_stopping()
    }

    /// Whether the objects of a scope were looked at already, so that nothing will be asked.
    pub fn has_seen(&self, scope: &Scope) -> bool {
        !self.looks_aside() && self.ahead.as_ref().is_some_and(|seen| seen.scope == *scope)
    }

    /// Whether a look needs other settings than the session has, so that it cannot ride.
    pub fn looks_aside(&self) -> bool {
        self.touched || !self.server.shows_plainly
    }

    /// Puts the session's settings aside, and gives back the statement that brings them back.
    fn set_aside(&mut self) -> std::result::Result<String, Halt> {
        const CHARSETS: [&str; 3] = ["character_set_client", "character_set_results", "collation_connection"];
        let plain = self.server.plain_settings();
        let names: Vec<&str> = plain.iter().map(|(name, _)| *name).chain(CHARSETS).collect();
        // A LIMIT beats sql_select_limit.
        let question = format!("SELECT @@SESSION.{} LIMIT 1", names.join(", @@SESSION."));
        let answer = packet::ask(&mut self.conn, &question).map_err(|error| self.halt(error))?;
        let value = |index: usize| answer[0].first().and_then(|row| packet::maybe_word(row, index));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let literal = |text: String| if is_number(&text) { text } else { quote::text(&text) };
        let setting = |(index, name): (usize, &&str)| {
            format!("{name} = {}", value(index).map_or_else(|| "NULL".to_owned(), literal))
        };
        let back = names.iter().enumerate().map(setting).collect::<Vec<_>>().join(", ");
        let aside = own_settings::assignments(plain);
        self.packet(&format!("SET NAMES utf8mb4; SET SESSION {aside}"))?;
        Ok(format!("SET SESSION {back}"))
    }

    /// Sends statements of ours.
    pub fn packet(&mut self, sql: &str) -> std::result::Result<Vec<Answer>, Halt> {
        packet::tell(&mut self.conn, sql).map_err(|error| self.halt(error))
    }

    /// What uturn does for itself keeps nobody waiting, so it waits as long as the server lets it: for a backup that
    /// holds back all commits, say.
    fn unhurried<T>(
        &mut self,
        work: impl FnOnce(&mut Session) -> std::result::Result<T, Halt>,
    ) -> std::result::Result<T, Halt> {
        self.packet("ROLLBACK; SET @uturn_wait = @@lock_wait_timeout, lock_wait_timeout = DEFAULT")?;
        let done = work(self)?;
        self.packet("SET lock_wait_timeout = @uturn_wait, @uturn_wait = NULL")?;
        Ok(done)
    }

    fn record_watched(&self, size: usize) {
        if let Some(busy) = &self.busy {
            self.watch.begin(Doing {
                busy: Busy { with: With::Record, ..busy.clone() },
                session: self.server.connection_id,
                head: String::new(),
                size,
                modes: self.server.modes(),
                schema: String::new(),
                since: Instant::now(),
                waits: None,
                first_signal: match self.has_news {
                    true => FirstSignal::IsHeardLater,
                    false => FirstSignal::EndsTheWait,
                },
            });
        }
    }

    /// A failure of a statement of ours. It says that nothing has been changed, which `after_a_start` takes back.
    pub fn halt(&self, error: mysql::Error) -> Halt {
        // What KILL QUERY left of a packet is found out on a new connection, as if this one had been lost.
        if error_code::is_connection_lost(&error) || error_code::is_interrupted(&error) {
            return Halt::Lost(error);
        }
        if error_code::is_duplicate(&error) || error_code::is_fenced(&error) {
            return Halt::Failed(crate::db::connect::with_said(another_runs(), &error));
        }
        if error_code::is_savepoint_gone(&error) {
            return Halt::Failed(crate::db::connect::with_said(transaction_gone(), &error));
        }
        let told = if error_code::is_right_missing(&error) {
            Error::new(Kind::Rights, "the account may not write uturn's tables").truth("nothing has been changed")
        } else {
            Error::new(Kind::Stopped, "the server refuses a statement of uturn's own")
                .truth("what is done is recorded up to the last line above; `uturn status` shows it")
        };
        let told = told.hint("docs/runbook.md, `rights`, lists what each command needs");
        Halt::Failed(crate::db::connect::with_said(told, &error))
    }

    /// Whether the statement lock is still this session's.
    fn holds_lock(&mut self) -> std::result::Result<bool, Halt> {
        self.is_held(&self.lock.clone(), "CONNECTION_ID()")
    }

    fn is_held(&mut self, lock: &str, by: &str) -> std::result::Result<bool, Halt> {
        // A LIMIT beats a script's sql_select_limit.
        let question = format!("SELECT IS_USED_LOCK({}) = {by} LIMIT 1", quote::text(lock));
        let answer = packet::ask(&mut self.conn, &question).map_err(|error| self.halt(error))?;
        Ok(answer[0].first().is_some_and(|row| packet::number(row, 0) == 1))
    }

    /// Gives the next script a session as new, if the last one changed it. The lock is let go and taken again; the run
    /// lock, on another session, keeps other runners out meanwhile.
    pub fn renew(&mut self, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        if !self.touched {
            return Ok(());
        }
        self.flush(listener)?;
        let wait = Duration::from_secs(10);
        self.conn.reset().map_err(|error| self.halt(error))?;
        // COM_RESET_CONNECTION keeps the default database and the role, which the script may have changed.
        let role = match (self.server.flavour, &self.server.role) {
            (Flavour::MariaDb, Some(role)) => quote::ident(role),
            // A list, with quotes, or NONE.
            (Flavour::MySql, Some(roles)) => roles.clone(),
            (_, None) => "NONE".to_owned(),
        };
        let settings = own_settings::for_scripts();
        let back = format!("{settings}; USE {}; SET ROLE {role}", quote::ident(&self.server.database));
        self.packet(&back)?;
        // Losing it here, or the run lock, is no reason to end: whoever was first is waited for on new connections.
        let lost = |_| Halt::Lost(mysql::Error::server_disconnected());
        run_lock::take(&mut self.conn, &self.lock, wait, &self.watch, listener).map_err(lost)?;
        self.check_run_lock()?;
        set_up(&mut self.conn, &self.server, self.patience).map_err(|error| self.halt(error))?;
        self.touched = false;
        self.used = None;
        self.named = Named::default();
        Ok(())
    }

    /// Another runner may have come in between if the session that holds the run lock was killed: then what was read
    /// before is out of date.
    fn check_run_lock(&mut self) -> std::result::Result<(), Halt> {
        let (name, holder) = self.run_lock.clone();
        match self.is_held(&name, &holder.to_string())? {
            true => Ok(()),
            false => Err(Halt::Lost(mysql::Error::server_disconnected())),
        }
    }
}

/// RELEASE SAVEPOINT says so, in front of all rows.
fn transaction_gone() -> Error {
    Error::new(Kind::Stopped, "a statement has ended the transaction that uturn runs it in")
        .truth("what is done is recorded up to the last line above; whether that statement's rows are there is not known")
        .hint("look whether they are; where they are not, run it again; where they are, take the statement out of the file before")
}

/// Each run takes the number behind the last one that it has seen, and two rows of one number cannot be.
fn another_runs() -> Error {
    Error::new(Kind::Locked, "a row of uturn's own is there already: another uturn runs migrations here")
        .truth("what is done is recorded up to the last line above; nothing more is run here")
        .hint("wait until the other one has ended, and run it again; docs/runbook.md, `two runners`, says how this can be")
}

/// The state in which every script begins. Server defaults stay, but for what would break the journal: `for_scripts`, and a lock left by a vanished host ends after five idle minutes. Waiting for
/// a table is short: the servers' limits are a year and a day, and whoever comes behind waits as well. On MySQL all
/// transactions have uturn's GTID tag, where it may have one.
fn set_up(conn: &mut Conn, server: &Server, patience: u64) -> mysql::Result<()> {
    let silence = silence().as_secs();
    let arm = server.gtid_tag.as_deref().map(|tag| format!("; {}", gtid::arm(tag))).unwrap_or_default();
    let settings = format!(
        "{}; SET SESSION wait_timeout = {silence}, lock_wait_timeout = {patience}{arm}",
        own_settings::for_scripts()
    );
    packet::tell(conn, &settings)?;
    Ok(())
}
