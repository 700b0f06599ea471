//! What waits for the next commit, and how it is sent: the rows of uturn's own tables, in transactions, and the statements
//! that ride behind their intents.

use crate::db::error_code;
use crate::db::failpoint::{AFTER_INTENT, reach};
use crate::db::monitor::Doing;
use crate::db::packet::{self, Answer, Rows};
use crate::engine::evidence::{self, Scope};
use crate::engine::journal::{Column, RunRow};
use crate::engine::session::{Halt, Known, Session};
use crate::event::{Event, Listener};
use crate::script::lexer;
use std::time::Instant;

/// Opens a transaction of uturn's own, also in a session that a script has made read-only.
const START: &str = "START TRANSACTION READ WRITE";

/// What stands beside them in a packet, with two names, each character of which takes four bytes, and may be quoted.
const LOOK_AT_MOST: usize = 1_200;

/// The savepoint in front of a script's DML is still there: no statement has crossed the transaction's boundary.
pub const RELEASE: &str = "RELEASE SAVEPOINT uturn_step";

/// A statement that rides in the packet of its own intent.
pub struct Rider<'a> {
    /// Its text. Behind COMMIT it is the last one of the packet: where anything in front of it fails, it is not run.
    pub text: &'a str,
    /// What is under way from then on.
    pub doing: Doing,
    /// What is looked at behind it, for the next statement.
    pub ahead: Option<Scope>,
}

/// Statements of ours for one packet, and how many of them there are up to the COMMIT; 0 where there is none.
struct Ours {
    statements: Vec<String>,
    commits: usize,
}

/// What came of an announcement, or of the beginning of a transaction.
pub enum Announced {
    /// The lock is no longer this session's: nothing is committed, and the statement must not be sent.
    Fenced,
    /// The intent is committed, and the statement is still to be sent.
    Alone,
    /// The intent is committed, and this is the answer to the statement that rode with it.
    Answered(mysql::Result<Answer>, Behind),
}

/// Whether the warnings of a statement are known.
#[derive(Clone, Debug)]
pub enum Behind {
    /// They are still to be asked for.
    Unasked,
    /// The answer to SHOW WARNINGS.
    Warnings(Vec<mysql::Row>),
}

impl Session {
    /// A statement of ours for the next commit.
    pub fn later(&mut self, sql: &str) {
        self.rows.add(sql);
    }

    /// The row of a run for the next commit.
    pub fn run(&mut self, number: u64) -> &mut RunRow {
        self.rows.run(number)
    }

    /// What is added from here on belongs to a new run.
    pub fn begin_new(&mut self) {
        self.rows.begin_new();
    }

    /// The row of a new run for the next commit.
    pub fn begin_run(&mut self, number: u64, columns: Vec<Column>) {
        self.rows.begin(number, columns);
    }

    /// What is told once the rows that wait are committed.
    pub fn tell_later(&mut self, event: Event) {
        self.events.push(event);
    }

    /// A call has ended the transaction, and the savepoint with it: the rows that wait must do without.
    pub fn forget_savepoint(&mut self) {
        self.rows.forget(RELEASE);
    }

    /// Notes that the server has answered a statement that commits by itself, until its outcome is committed.
    pub fn has_answered(&mut self, run: u64, step: usize) {
        self.known = Some(Known { run, step, boot: self.server.boot.clone() });
        self.has_news = true;
    }

    /// Notes that the outcome of a statement is to be written down that nobody could find out again.
    pub fn has_news(&mut self) {
        self.has_news = true;
    }

    /// What is left where the connection was lost before the rows that wait were committed: what would have been told
    /// then, and the answer that they hold.
    pub fn left(self) -> (Vec<Event>, Option<Known>) {
        (self.events, self.known)
    }

    /// Opens a transaction for a script's DML, and runs its first statement, if that may ride along. Rows that wait are
    /// committed first: they must not be rolled back with it.
    pub fn begin(
        &mut self,
        rider: Option<Rider<'_>>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<Announced, Halt> {
        self.ahead = None;
        let mut ours = Ours { statements: Vec::new(), commits: 0 };
        if self.in_transaction || !self.rows.is_empty() {
            ours = self.transaction();
        }
        ours.statements.extend([START, "SAVEPOINT uturn_step"].map(str::to_owned));
        let answer = self.send_ours(&ours, rider, listener)?;
        self.in_transaction = true;
        Ok(answer)
    }

    /// Rolls the script's DML back, and forgets the rows that wait with it.
    pub fn roll_back(&mut self) -> std::result::Result<(), Halt> {
        self.rows.clear();
        self.events.clear();
        self.in_transaction = false;
        self.packet("ROLLBACK").map(drop)
    }

    /// Whether so little waits that it has room beside what is to come.
    pub fn waits_for_little(&self) -> bool {
        const LITTLE: usize = 64 * 1024;
        self.rows.size() <= LITTLE.min(self.server.max_packet as usize / 8)
    }

    /// Commits what waits; closes the open transaction if there is one. One round trip.
    pub fn commit(&mut self, listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
        let ours = self.transaction();
        self.send_ours(&ours, None, listener).map(drop)
    }

    /// The same, and behind it a look for the next statement.
    pub fn commit_and_look(
        &mut self,
        ahead: Option<Scope>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<(), Halt> {
        let Some((question, scope)) = ahead.and_then(|scope| Some((evidence::question_alone(&scope)?, scope))) else {
            return self.commit(listener);
        };
        let ours = self.transaction();
        let packet = ours.statements.join("; ");
        if (packet.len() + LOOK_AT_MOST) as u64 > self.server.max_packet {
            return self.commit(listener);
        }
        reach("commit.before");
        self.record_watched(packet.len());
        let (watch, events, mut answered, mut shown) = (&self.watch, &mut self.events, 0, None);
        let rows = Rows::KeepBehind(ours.commits);
        // A quick one, as in `ride`: another session may keep the look waiting.
        let sent = packet::each(&mut self.conn, &format!("{packet}; DO 0; {question}"), rows, &mut |answer| {
            answered += 1;
            if answered == ours.commits {
                reach("commit.after");
                watch.end();
                events.drain(..).for_each(&mut *listener);
            }
            shown = answer.rows.first().map(|row| packet::word(row, 1));
        });
        if answered < ours.commits {
            self.watch.end();
            let error = sent.expect_err("a packet ends with its last statement, or an error");
            self.again(&packet, error)?;
            self.is_sent(&ours, listener);
            return Ok(());
        }
        self.is_committed(listener);
        // Where the connection is lost, the next packet says so.
        let shown = sent.map(|()| shown.unwrap_or_default());
        self.ahead = evidence::by_answer(&self.server, scope, shown);
        Ok(())
    }

    /// The rows that wait, in a transaction, to its end.
    fn transaction(&self) -> Ours {
        let open = (!self.in_transaction).then_some(START);
        let rows = self.rows.statements(&self.server.database);
        let statements: Vec<String> =
            open.into_iter().map(str::to_owned).chain(rows).chain(["COMMIT".to_owned()]).collect();
        Ours { commits: statements.len(), statements }
    }

    /// Sends them, and with them a statement of the script, if both have room in one packet.
    fn send_ours(
        &mut self,
        ours: &Ours,
        rider: Option<Rider<'_>>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<Announced, Halt> {
        let packet = ours.statements.join("; ");
        let has_room =
            |rider: &Rider<'_>| (packet.len() + rider.text.len() + LOOK_AT_MOST) as u64 <= self.server.max_packet;
        if let Some(rider) = rider.filter(has_room) {
            return self.ride(ours, &packet, rider, listener);
        }
        reach("commit.before");
        self.record_watched(packet.len());
        let sent = packet::tell(&mut self.conn, &packet);
        self.watch.end();
        if let Err(error) = sent {
            self.again(&packet, error)?;
        }
        self.is_sent(ours, listener);
        Ok(Announced::Alone)
    }

    fn is_sent(&mut self, ours: &Ours, listener: &mut Listener<'_>) {
        if ours.commits > 0 {
            reach("commit.after");
            self.is_committed(listener);
        }
    }

    fn is_committed(&mut self, listener: &mut Listener<'_>) {
        self.commits += 1;
        self.in_transaction = false;
        (self.known, self.has_news) = (None, false);
        self.rows.are_written();
        for event in self.events.drain(..) {
            listener(event);
        }
    }

    /// Commits what waits, the fenced intent of a statement among it, and then runs the statement, if it may ride along.
    /// Without the lock the intent is an error, and nothing behind it is run.
    pub fn announce(
        &mut self,
        rider: Option<Rider<'_>>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<Announced, Halt> {
        // What was seen before the statement is no evidence for one behind it.
        self.ahead = None;
        let ours = self.transaction();
        match self.send_ours(&ours, rider, listener) {
            Err(Halt::Failed(error)) if error.server().is_some_and(|said| said.number == error_code::FENCED) => {
                // The rows of a script's DML are not for another transaction than its own.
                if self.in_transaction {
                    self.roll_back()?;
                } else {
                    self.packet("ROLLBACK")?;
                }
                // If it was not the lock, it was the number of the run.
                let is_taken = self.holds_lock()?;
                if is_taken {
                    self.rows.forget_newest();
                } else {
                    self.rows.forget_intent();
                }
                self.flush(listener)?;
                if is_taken { Err(error.into()) } else { Ok(Announced::Fenced) }
            }
            answer => answer,
        }
    }

    /// Statements of ours and one of the script in one packet: where anything in front of it fails, it does not run. What was
    /// committed is told before the statement has ended: each answer comes by itself, but the driver gives one away only
    /// when it has the next, so a quick one stands between COMMIT and the statement.
    fn ride(
        &mut self,
        ours: &Ours,
        packet: &str,
        rider: Rider<'_>,
        listener: &mut Listener<'_>,
    ) -> std::result::Result<Announced, Halt> {
        let quick = if ours.commits == ours.statements.len() { "DO 0; " } else { "" };
        // All of ours but the quick one behind them, whose answer comes with the statement's.
        let known = ours.statements.len() - usize::from(quick.is_empty());
        reach("commit.before");
        self.record_watched(packet.len());
        // A server that skips the comment finds no statement there, and takes none behind it in this packet.
        let may_be_empty = lexer::is_in_executable_comments(rider.text, rider.doing.modes);
        let ahead = rider.ahead.filter(|_| !may_be_empty);
        let ahead = ahead.and_then(|scope| Some((evidence::question_alone(&scope)?, scope)));
        let (watch, events, mut doing) = (&self.watch, &mut self.events, Some(rider.doing));
        // Behind a line break, since the statement may end with a comment to the end of its line.
        let look = ahead.as_ref().map(|(question, _)| format!("\n; SHOW WARNINGS; {question}")).unwrap_or_default();
        let (mut answered, mut behind) = (0, Vec::new());
        let rows = if look.is_empty() { Rows::Drop } else { Rows::KeepBehind(known + 2) };
        let sent =
            packet::each(&mut self.conn, &format!("{packet}; {quick}{}{look}", rider.text), rows, &mut |answer| {
                answered += 1;
                if answered > known + 1 {
                    behind.push(answer);
                }
                if answered == ours.commits {
                    reach("commit.after");
                    events.drain(..).for_each(&mut *listener);
                }
                if answered == known {
                    watch.end();
                    doing.take().into_iter().for_each(|doing| watch.begin(Doing { since: Instant::now(), ..doing }));
                    if ours.commits == known {
                        reach(AFTER_INTENT);
                        reach("ddl.under_way");
                    }
                }
            });
        if answered < known {
            self.watch.end();
            let error = sent.expect_err("a packet ends with its last statement, or an error");
            self.again(packet, error)?;
            self.is_sent(ours, listener);
            return Ok(Announced::Alone);
        }
        if ours.commits > 0 {
            self.is_committed(listener);
        }
        let opens = ours.commits < ours.statements.len();
        Ok(self.answered(behind, sent, ahead.map(|(_, scope)| scope), opens))
    }

    /// The answers behind those to statements of ours: to the statement, in the transaction that ours open or by itself, and
    /// to what was asked behind it.
    fn answered(
        &mut self,
        behind: Vec<Answer>,
        sent: mysql::Result<()>,
        ahead: Option<Scope>,
        opens: bool,
    ) -> Announced {
        let mut behind = behind.into_iter();
        let Some(answer) = behind.next() else {
            return Announced::Answered(sent.map(|()| Answer::default()), Behind::Unasked);
        };
        let warnings = behind.next().map_or(Behind::Unasked, |answer| Behind::Warnings(answer.rows));
        let shown = match (behind.next(), sent) {
            (Some(answer), _) => Ok(answer.rows.first().map(|row| packet::word(row, 1)).unwrap_or_default()),
            // A deadlock has rolled back the statement with its transaction.
            (None, Err(error)) if opens && error_code::is_deadlock(&error) => {
                return Announced::Answered(Err(error), Behind::Unasked);
            }
            (None, Err(error)) if matches!(warnings, Behind::Warnings(_)) => Err(error),
            // Where the connection is lost, the next packet says so.
            (None, _) => return Announced::Answered(Ok(answer), warnings),
        };
        self.ahead = ahead.and_then(|scope| evidence::by_answer(&self.server, scope, shown));
        Announced::Answered(Ok(answer), warnings)
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
        if !error_code::is_lock_timeout(&error) {
            return Err(self.halt(error));
        }
        if self.in_transaction {
            return Err(Halt::Lost(error));
        }
        self.record_watched(sql.len());
        let answer = self.unhurried(|session| session.packet(sql).map(drop));
        self.watch.end();
        answer
    }
}
