//! What waits for the next commit, and how it is sent: the rows of uturn's own tables, in transactions, and the statements
//! that ride behind their intents.

use crate::db::errno;
use crate::db::failpoint::{AFTER_INTENT, reach};
use crate::db::send::{self, Answer};
use crate::db::session::{Halt, Known, Session};
use crate::db::watch::Doing;
use crate::event::{Event, Listener};
use std::time::Instant;

/// Opens a transaction of uturn's own, also in a session that a script has made read-only.
const START: &str = "START TRANSACTION READ WRITE";

/// The savepoint in front of a script's DML is still there: no statement has crossed the transaction's boundary.
pub const RELEASE: &str = "RELEASE SAVEPOINT uturn_step";

/// A statement that rides in the packet of its own intent.
pub struct Rider<'a> {
    /// Its text. Behind COMMIT it is the last one of the packet: where anything in front of it fails, it is not run.
    pub text: &'a str,
    /// What is under way from then on.
    pub doing: Doing,
}

/// What came of an announcement.
pub enum Announced {
    /// The lock is no longer this session's: nothing is committed, and the statement must not be sent.
    Fenced,
    /// The intent is committed, and the statement is still to be sent.
    Alone,
    /// The intent is committed, and this is the answer to the statement that rode with it.
    Answered(mysql::Result<Answer>),
}

impl Session {
    /// A statement of ours for the next commit.
    pub fn later(&mut self, sql: &str) {
        let sql = sql.trim_end_matches([' ', ';', '\n']);
        if !sql.is_empty() {
            self.rows.push(sql.to_owned());
        }
    }

    /// What is told once the rows that wait are committed.
    pub fn tell_later(&mut self, event: Event) {
        self.events.push(event);
    }

    /// A statement has ended the transaction, and the savepoint with it: the rows that wait must do without.
    pub fn forget_savepoint(&mut self) {
        self.rows.retain(|row| row != RELEASE);
    }

    /// Notes that the server has answered a statement that commits by itself, until its outcome is committed.
    pub fn has_answered(&mut self, run: u64, step: usize) {
        self.known = Some(Known { run, step, boot: self.server.boot.clone() });
    }

    /// What is left where the connection was lost before the rows that wait were committed: what would have been told
    /// then, and the answer that they hold.
    pub fn left(self) -> (Vec<Event>, Option<Known>) {
        (self.events, self.known)
    }

    /// Opens a transaction for a script's DML. Rows that wait are committed first: they must not be rolled back with it.
    pub fn begin(&mut self, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        const OPEN: [&str; 2] = [START, "SAVEPOINT uturn_step"];
        if self.in_transaction || !self.rows.is_empty() {
            self.commit_and(&OPEN, listener)?;
        } else {
            self.packet(&OPEN.join("; "))?;
        }
        self.in_transaction = true;
        Ok(())
    }

    /// Rolls the script's DML back, and forgets the rows that wait with it.
    pub fn roll_back(&mut self) -> std::result::Result<(), Halt> {
        self.rows.clear();
        self.events.clear();
        self.in_transaction = false;
        self.packet("ROLLBACK").map(drop)
    }

    /// Commits what waits; closes the open transaction if there is one. One round trip.
    pub fn commit(&mut self, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        self.commit_and(&[], listener)
    }

    fn commit_and(&mut self, then: &[&str], listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        let packet = [&self.transaction()[..], then].concat().join("; ");
        reach("commit.before");
        self.record_watched();
        let sent = send::tell(&mut self.conn, &packet);
        self.watch.end();
        match sent {
            Ok(_) => {}
            Err(error) => self.again(&packet, error)?,
        }
        reach("commit.after");
        self.is_committed(listener);
        Ok(())
    }

    /// The rows that wait, in a transaction, to its end.
    fn transaction(&self) -> Vec<&str> {
        let open = (!self.in_transaction).then_some(START);
        open.into_iter().chain(self.rows.iter().map(String::as_str)).chain(["COMMIT"]).collect()
    }

    fn is_committed(&mut self, listener: &mut Listener<'_>) {
        self.commits += 1;
        self.in_transaction = false;
        self.known = None;
        self.rows.clear();
        for event in self.events.drain(..) {
            listener(event);
        }
    }

    /// Commits what waits, and with it the intent of a statement, which then runs, if it may ride along. The intent is
    /// fenced: without the lock it fails, and nothing behind it is run.
    pub fn announce(
        &mut self,
        intent: &str,
        rider: Option<Rider<'_>>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<Announced, Halt> {
        self.later(intent);
        let answer = match rider.filter(|rider| self.has_room_for(rider)) {
            Some(rider) => self.ride(rider, listener),
            None => self.commit(listener).map(|()| Announced::Alone),
        };
        match answer {
            Err(Halt::Failed(error)) if error.server().is_some_and(|said| said.number == errno::IS_NULL) => {
                self.rows.pop();
                // The rows of a script's DML are not for another transaction than its own.
                if self.in_transaction {
                    self.roll_back()?;
                } else {
                    self.packet("ROLLBACK")?;
                }
                self.flush(listener)?;
                Ok(Announced::Fenced)
            }
            answer => answer,
        }
    }

    /// Both may be small enough for a packet, and the two of them too large.
    fn has_room_for(&self, rider: &Rider<'_>) -> bool {
        let rows: usize = self.rows.iter().map(|row| row.len() + 2).sum();
        let size = rows + rider.text.len() + 100;
        size as u64 <= self.server.max_packet
    }

    /// A transaction of ours and a statement in one packet: where anything in front of the statement fails, it does not
    /// run. What was committed is told before the statement has ended: each answer comes by itself, but the driver gives
    /// one away only when it has the next, which is therefore a quick one.
    fn ride(&mut self, rider: Rider<'_>, listener: &mut Listener<'_>) -> std::result::Result<Announced, Halt> {
        let ours = self.transaction();
        let (count, ours) = (ours.len(), ours.join("; "));
        reach("commit.before");
        self.record_watched();
        let (watch, events, mut doing) = (&self.watch, &mut self.events, Some(rider.doing));
        let (mut answered, mut last) = (0, Answer::default());
        let sent = send::each(&mut self.conn, &format!("{ours}; DO 0; {}", rider.text), &mut |answer| {
            answered += 1;
            last = answer;
            if answered == count {
                reach("commit.after");
                watch.end();
                events.drain(..).for_each(&mut *listener);
                doing.take().into_iter().for_each(|doing| watch.begin(Doing { since: Instant::now(), ..doing }));
                reach(AFTER_INTENT);
                reach("ddl.under_way");
            }
        });
        if answered < count {
            self.watch.end();
            let error = sent.expect_err("a packet ends with its last statement, or an error");
            self.again(&ours, error)?;
            self.is_committed(listener);
            return Ok(Announced::Alone);
        }
        self.is_committed(listener);
        Ok(Announced::Answered(sent.map(|()| last)))
    }

    /// Commits what waits, if anything does.
    pub fn flush(&mut self, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        if self.in_transaction || !self.rows.is_empty() {
            self.commit(listener)?;
        }
        Ok(())
    }

    /// Sends a transaction of ours once more that could not get its locks. One that has begun earlier cannot be sent twice:
    /// it is begun again. Other failures are final.
    fn again(&mut self, sql: &str, error: mysql::Error) -> std::result::Result<(), Halt> {
        if !errno::is_lock_timeout(&error) {
            return Err(self.halt(error));
        }
        if self.in_transaction {
            return Err(Halt::Lost(error));
        }
        self.record_watched();
        let answer = self.unhurried(|session| session.packet(sql).map(drop));
        self.watch.end();
        answer
    }
}
