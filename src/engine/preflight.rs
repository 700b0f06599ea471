//! What can be known before the first statement takes effect, and is therefore found out first.

use crate::db::connect::LocalFiles;
use crate::db::connect::with_said;
use crate::db::error_code;
use crate::db::flavour::Flavour;
use crate::db::local_infile;
use crate::db::packet::{self, Rows};
use crate::db::quote;
use crate::db::server::Server;
use crate::engine::evidence;
use crate::engine::journal::{self, Down};
use crate::engine::program::packed::Steps;
use crate::engine::program::step::{Action, Step};
use crate::engine::session::{Halt, Session};
use crate::engine::task::Task;
use crate::error::{Error, Kind, Place, Result};
use crate::event::{Event, Listener, Note};
use crate::migration::lock_wait::{self, Wish};
use crate::script::directive;
use crate::script::lexer::Modes;
use crate::script::piece::Statement;
use crate::script::position::Position;
use crate::script::source_text::Text;
use crate::script::split;
use crate::statement::class::{self, Hazard, Transaction};
use crate::statement::deterministic;
use crate::statement::insert_pattern::{Insert, Shapes};
use crate::statement::session_effects;
use std::borrow::Cow;
use std::collections::HashSet;

/// Larger statements are not sent twice: PREPARE of 4 MB takes as long as running it.
const PREPARE_AT_MOST: usize = 256 * 1024;

/// Cuts a script into statements, and says of each how it is run. Refuses what would break the promise.
pub fn steps(path: &str, text: &Text, modes: Modes) -> Result<Steps> {
    let mut steps = Steps::of(text.clone());
    let mut shapes = Shapes::default();
    let mut before = Before { reads_utf8: true, is_dml: false };
    let mut refused = None;
    let split = split::each(text, modes, |statement| {
        if refused.is_none() {
            refused = step(text, &statement, &mut shapes, &mut before, &mut steps).err().map(|why| (statement.at, why));
        }
    });
    // The first mistake in the file is the one that is told.
    match (refused, split) {
        (Some((at, why)), _) => Err(refusal(path, text, at, why.to_owned())),
        (None, Err(error)) => Err(refusal(path, text, error.at, error.reason)),
        (None, Ok(())) => match left_open(text, &steps) {
            Some(open) => Err(never_committed(path, text, Position::of(text, open.span.start))),
            None => Ok(steps),
        },
    }
}

/// What the statements before have made of the session, as far as it decides how the next one may be run.
struct Before {
    /// The server reads what is sent as UTF-8.
    reads_utf8: bool,
    /// The last one that is sent was DML.
    is_dml: bool,
}

fn step<'t>(
    text: &'t str,
    statement: &Statement,
    shapes: &mut Shapes<'t>,
    before: &mut Before,
    steps: &mut Steps,
) -> std::result::Result<(), &'static str> {
    let (sql, modes) = (&text[statement.span.clone()], statement.modes);
    let insert = Insert::of(sql, modes);
    let sample = insert.as_ref().map_or(Cow::Borrowed(sql), |insert| insert.sample(sql));
    let action = action(&sample, modes)?;
    before.suits(&sample, modes, &action)?;
    let shape = insert.and_then(|insert| shapes.number(&insert, sql, modes));
    match steps.push(statement.span.clone(), modes, &action, shape) {
        true => Ok(()),
        false => Err("no server takes a statement of more than 4 GB"),
    }
}

impl Before {
    fn suits(&mut self, sql: &str, modes: Modes, action: &Action) -> std::result::Result<(), &'static str> {
        if !self.reads_utf8 && session_effects::has_other_letters(sql, modes) {
            return Err("the server reads this name in another character set than UTF-8, so it cannot be looked up; \
                        write SET NAMES utf8mb4 in front of it");
        }
        let is_sent = matches!(action, Action::Dml | Action::Session);
        if is_sent && !self.is_dml && session_effects::asks_of_the_last_one(sql, modes) {
            return Err("it asks what the statement before has done, and one of uturn's own comes in between; \
                        only behind DML none does");
        }
        match action {
            Action::Dml => self.is_dml = true,
            Action::Session => {
                if let Some(charset) = session_effects::charset(sql, modes) {
                    self.reads_utf8 = ["utf8", "default", "binary"].iter().any(|known| charset.starts_with(known));
                }
            }
            Action::LeaveOut(_) => {}
            _ => self.is_dml = false,
        }
        Ok(())
    }
}

/// As much of a statement as it takes to know how it is parsed and which tables it names.
pub fn sample<'t>(task: &'t Task, step: &Step) -> Cow<'t, str> {
    let sql = task.text_of(step);
    match step.shape.and_then(|_| Insert::of(sql, step.modes)) {
        Some(insert) => insert.sample(sql),
        None => Cow::Borrowed(sql),
    }
}

/// The statement that opens a transaction which is still open at the script's end. What commits by itself ends it, too.
fn left_open(text: &str, steps: &Steps) -> Option<Step> {
    let mut open = None;
    for step in steps.iter() {
        match &step.action {
            Action::Boundary => {
                let commits = class::Kind::Transaction(Transaction::Commit);
                open = (class::Kind::of(&text[step.span.clone()], step.modes) != commits).then_some(step);
            }
            Action::Ddl(_) | Action::Maintenance => open = None,
            Action::Dml | Action::Global | Action::Call | Action::Session | Action::LeaveOut(_) => {}
        }
    }
    open
}

fn never_committed(path: &str, text: &str, at: Position) -> Error {
    refusal(path, text, at, "the transaction that begins here is never committed".to_owned())
        .hint("write COMMIT after its last statement; or leave BEGIN out, since uturn makes its own transactions")
}

/// How patient a script asks to be.
pub fn wish(path: &str, text: &str, modes: Modes) -> Result<Wish> {
    if !directive::mentions(text) {
        return Ok(Wish::default());
    }
    let script = split::split(text, modes).map_err(|e| refusal(path, text, e.at, e.reason))?;
    lock_wait::wish(&script).map_err(|e| refusal(path, text, e.at, e.reason))
}

fn refusal(path: &str, text: &str, at: Position, why: String) -> Error {
    Error::new(Kind::Files, why).at(Place::new(path, text, at)).truth("nothing has been changed")
}

/// How a statement is run, or why it is not.
fn action(sql: &str, modes: Modes) -> std::result::Result<Action, &'static str> {
    let kind = class::Kind::of(sql, modes);
    if let Some(hazard) = class::hazards(&kind, sql, modes).first() {
        return match hazard {
            Hazard::Autocommit => Ok(Action::LeaveOut(
                "uturn makes its own transactions, so autocommit and completion_type stay as they are",
            )),
            Hazard::Rollback => Err("ROLLBACK would take uturn's own record with it; leave the statements out instead"),
            Hazard::Xa => Err("an XA transaction outlives the session, so its outcome cannot be recorded"),
            Hazard::BinlogOff => Err("without sql_log_bin the replicas would not get this migration"),
            Hazard::AutocommitAmongOthers => Err(
                "uturn leaves autocommit and completion_type as they are; set the others in a statement of their own",
            ),
            Hazard::MixedScopes => {
                Err("it sets global variables and others in one; write two statements, each of which takes effect once")
            }
            Hazard::NextTransaction => {
                Err("it holds for the next transaction only, and uturn makes its own; write SET SESSION instead")
            }
            Hazard::GtidNext => {
                Err("with a GTID of its own the server may pass over a transaction, and uturn's record with it")
            }
            Hazard::ReleasesLocks => Err("it would release the lock that keeps a second runner out"),
        };
    }
    Ok(match kind {
        // A LOAD DATA LOCAL is not refused here: that depends on settings, and on which files there are (`local_file`).
        class::Kind::Dml | class::Kind::LoadLocal => Action::Dml,
        class::Kind::Ddl(ddl) => Action::Ddl(ddl.into()),
        class::Kind::Maintenance => Action::Maintenance,
        class::Kind::Global => Action::Global,
        class::Kind::Call => Action::Call,
        // What it calls may write, which must be done once.
        class::Kind::Session if !class::sets(sql, modes).is_empty() && deterministic::may_write(sql, modes) => {
            Action::Call
        }
        class::Kind::Session => Action::Session,
        class::Kind::Lock => {
            Action::LeaveOut("uturn is the only runner, and a table lock would shut out its own tables")
        }
        class::Kind::Transaction(Transaction::Begin | Transaction::Commit | Transaction::CommitAndChain) => {
            Action::Boundary
        }
        class::Kind::Transaction(Transaction::Savepoint | Transaction::Release) => {
            Action::LeaveOut("without ROLLBACK a savepoint has no effect")
        }
        class::Kind::Transaction(Transaction::Rollback | Transaction::Xa) => unreachable!("a hazard, refused above"),
    })
}

/// Asks the server about everything that is to run: does each statement parse and fit into a packet.
pub fn check(session: &mut Session, tasks: &[Task], listener: &mut Listener<'_>) -> std::result::Result<(), Halt> {
    if session.server.logs_statements {
        let what = "the server logs statements as they are written (binlog_format is STATEMENT)";
        return Err(Error::new(Kind::Guard, what)
            .truth("nothing has been changed; a replica would stop at uturn's own, which ask who holds its lock")
            .hint("an administrator can change it: SET GLOBAL binlog_format = 'MIXED'")
            .into());
    }
    if session.server.flush_log != 1 {
        listener(Event::Note(Note::FlushLog(session.server.flush_log)));
    }
    let is_ddl = |step: &Step| matches!(step.action, Action::Ddl(_));
    if !session.server.has_process && tasks.iter().flat_map(|task| task.steps.iter()).any(|step| is_ddl(&step)) {
        listener(Event::Note(Note::NoProcess));
    }
    for task in tasks {
        let leaves_none = |step: &Step| match &step.action {
            Action::Ddl(ddl) => evidence::leaves_no_trace(ddl, task.text_of(step), &session.server),
            _ => false,
        };
        let from = task.resumes.map_or(0, |(_, from)| from - 1);
        let steps = task.steps.range(from..task.steps.len()).filter(leaves_none);
        let numbers: Vec<usize> = steps.map(|step| step.number).collect();
        if !numbers.is_empty() {
            listener(Event::Note(Note::NoTrace(task.name.clone(), numbers)));
        }
    }
    local_files(session, tasks)?;
    let mut batch = Batch::default();
    for task in tasks {
        if !session.touched {
            session.packet("SET SESSION lock_wait_timeout = 1")?;
            session.touched = true;
        }
        if parse(session, task, &mut batch)? {
            // Each script is read in a session as new, as it will be run.
            session.renew(listener)?;
        }
    }
    batch.send(session)?;
    session.renew(listener)
}

/// Files of this machine that are to be sent: they are there, and the server takes them.
fn local_files(session: &mut Session, tasks: &[Task]) -> std::result::Result<(), Halt> {
    let mut count = 0;
    for task in tasks {
        count += check_local_files(&task.path, &task.text, &task.steps, &session.local_files)?;
    }
    if count == 0 {
        return Ok(());
    }
    let answer = packet::ask(&mut session.conn, "SELECT @@GLOBAL.local_infile").map_err(|error| session.halt(error))?;
    match answer[0].first().is_some_and(|row| packet::number(row, 0) == 1) {
        true => Ok(()),
        false => Err(Error::new(Kind::Rights, "the server takes no files from its clients (local_infile is OFF)")
            .truth("nothing has been changed")
            .hint("an administrator can allow it: SET GLOBAL local_infile = ON; or load the file on the server, or as INSERTs")
            .into()),
    }
}

/// PREPARE is an exact oracle for "one complete statement": 1064 or not. Other errors (a table that an earlier statement
/// makes) say nothing. The session is brought into the state that the script sets up, as far as parsing depends on it;
/// true if it was.
fn parse<'t>(session: &mut Session, task: &'t Task, batch: &mut Batch<'t>) -> std::result::Result<bool, Halt> {
    let mut is_changed = false;
    let from = task.resumes.map_or(1, |(_, from)| from);
    fits(session, task)?;
    let mut parsed = Parsed::default();
    for step in task.steps.iter() {
        let sql = task.text_of(&step);
        if sql.len() as u64 + 1 > session.server.max_packet {
            return Err(too_large(session, task, &step, sql.len()).into());
        }
        let is_asked = step.number >= from && !matches!(step.action, Action::LeaveOut(_)) && !parsed.has(&step);
        if is_asked {
            let sample = if parsed.by_shape() { sample(task, &step) } else { Cow::Borrowed(sql) };
            if !is_changed && Batch::takes(&sample, &session.server) {
                batch.add(session, Asked { task, step: step.clone(), sample })?;
            } else {
                prepare(session, task, &step, &sample)?;
            }
        }
        // Also what stands before the first statement to run: whoever goes on there makes it again.
        if matches!(step.action, Action::Session) && changes_parsing(sql) {
            batch.send(session)?;
            // It may depend on what an earlier statement makes; it runs for real later.
            let _ = packet::tell(&mut session.conn, sql);
            parsed.forget(sql);
            is_changed = true;
        }
    }
    Ok(is_changed)
}

/// Asks the server whether it can parse a statement, unless that takes too long.
fn prepare(session: &mut Session, task: &Task, step: &Step, sample: &str) -> std::result::Result<(), Halt> {
    if sample.len() > PREPARE_AT_MOST {
        return Ok(());
    }
    packet::parse(&mut session.conn, sample).or_else(|error| said_no(&error, task, step))
}

/// Only two answers matter.
fn said_no(error: &mysql::Error, task: &Task, step: &Step) -> std::result::Result<(), Halt> {
    if error_code::is_syntax(error) {
        return Err(syntax(task, step, error).into());
    }
    if error_code::is_connection_lost(error) {
        return Err(Halt::Lost(mysql::Error::server_disconnected()));
    }
    log::debug!("prepare: {error}");
    Ok(())
}

/// A statement that the server is asked about.
struct Asked<'t> {
    task: &'t Task,
    step: Step,
    sample: Cow<'t, str>,
}

/// Short statements that are asked about in one packet, as `PREPARE … FROM '…'`, which parses them as the command does.
#[derive(Default)]
struct Batch<'t> {
    asked: Vec<Asked<'t>>,
    bytes: usize,
}

impl<'t> Batch<'t> {
    /// Behind a statement that PREPARE refuses for another reason the rest is sent again, so a packet holds not too many.
    const BYTES: usize = 16 * 1024;

    /// Not those that a string of SQL might hold otherwise than the packet of a command.
    fn takes(sample: &str, server: &Server) -> bool {
        // A quote takes two bytes there.
        let has_room = server.max_packet >= 4 * Batch::BYTES as u64;
        has_room
            && sample.len() <= Batch::BYTES
            && !server.modes().no_backslash_escapes
            && sample.bytes().all(|byte| byte.is_ascii() && byte != 0)
    }

    fn add(&mut self, session: &mut Session, asked: Asked<'t>) -> std::result::Result<(), Halt> {
        // With the words around it.
        let size = asked.sample.len() + 32;
        if self.bytes + size > Batch::BYTES {
            self.send(session)?;
        }
        self.bytes += size;
        self.asked.push(asked);
        Ok(())
    }

    fn send(&mut self, session: &mut Session) -> std::result::Result<(), Halt> {
        let prepares: Vec<String> = self
            .asked
            .iter()
            .map(|asked| format!("PREPARE uturn_asks FROM {}", quote::quoted(&asked.sample)))
            .collect();
        let mut rest = &self.asked[..];
        if rest.len() > 1 && session.server.flavour == Flavour::MariaDb {
            // It goes on behind those that are refused for another reason. Any error means that one by one tells more.
            let at_once = format!(
                "BEGIN NOT ATOMIC DECLARE EXIT HANDLER FOR 1064 RESIGNAL; DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END; {}; END",
                prepares.join("; ")
            );
            if packet::tell(&mut session.conn, &at_once).is_ok() {
                rest = &[];
            }
        }
        while !rest.is_empty() {
            let mut answered = 0;
            let left = &prepares[prepares.len() - rest.len()..];
            let end = packet::each(&mut session.conn, &left.join("; "), Rows::Drop, &mut |_| answered += 1);
            let Err(error) = end else { break };
            let asked = &rest[answered];
            if error_code::is_syntax(&error) {
                // By itself, the server's words quote it and nothing else.
                prepare(session, asked.task, &asked.step, &asked.sample)?;
            }
            said_no(&error, asked.task, &asked.step)?;
            rest = &rest[answered + 1..];
        }
        *self = Batch::default();
        Ok(())
    }
}

/// The way back goes into the journal in one statement, compressed, in hexadecimal digits; other rows share its packet.
fn fits(session: &Session, task: &Task) -> Result<()> {
    const OTHERS: u64 = 1024 * 1024;
    let (Down::Script(down) | Down::WithoutSecrets(down)) = &task.down else { return Ok(()) };
    let limit = session.server.max_packet.saturating_sub(OTHERS.min(session.server.max_packet / 2));
    // zlib adds next to nothing where it can take nothing away.
    if down.len() as u64 * 2 + 1024 <= limit {
        return Ok(());
    }
    let size = journal::packed_size(down) * 2;
    if size <= limit {
        return Ok(());
    }
    let what = format!(
        "the down script of migration `{}` takes {size} bytes to record, and the server takes at most {limit} beside other rows \
         (max_allowed_packet {})",
        task.name, session.server.max_packet
    );
    Err(Error::new(Kind::Statement, what)
        .truth("nothing has been changed")
        .hint("raise max_allowed_packet on the server, or write a smaller down file"))
}

/// The shapes that the server has parsed in the present state of the session.
#[derive(Default)]
struct Parsed {
    shapes: HashSet<u16>,
    /// The server may take a byte of the file for another character than the splitter did.
    reads_otherwise: bool,
}

impl Parsed {
    fn by_shape(&self) -> bool {
        !self.reads_otherwise
    }

    /// Whether one like it was parsed before; from now on it was.
    fn has(&mut self, step: &Step) -> bool {
        self.by_shape() && step.shape.is_some_and(|shape| !self.shapes.insert(shape))
    }

    /// A statement has changed how the session parses.
    fn forget(&mut self, sql: &str) {
        self.shapes.clear();
        let lower = sql.to_ascii_lowercase();
        let sets_charset = lower.contains("names") || lower.contains("character") || lower.contains("charset");
        // In these, as in UTF-8, no byte of a longer character is a quote or a backslash.
        let is_known = ["utf8", "latin1", "ascii", "binary", "default", "@"].iter().any(|word| lower.contains(word));
        self.reads_otherwise |= sets_charset && !is_known;
    }
}

fn changes_parsing(sql: &str) -> bool {
    let lower = sql.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().take(3).collect();
    lower.contains("sql_mode") || matches!(words[..], ["use", ..] | ["set", "names" | "character", ..])
}

/// The refusal of a statement that the server cannot parse.
pub fn syntax(task: &Task, step: &Step, error: &mysql::Error) -> Error {
    let what = format!(
        "the server cannot parse statement {} of {} of migration `{}` ({})",
        step.number,
        task.steps.len(),
        task.name,
        task.direction
    );
    with_said(Error::new(Kind::Statement, what), error)
        .at(task.place_of(step))
        .truth("nothing has been changed: every statement is parsed before the first one runs")
        .hint("fix it and run the same command again")
}

fn too_large(session: &Session, task: &Task, step: &Step, size: usize) -> Error {
    let what = format!(
        "statement {} of {} of migration `{}` has {size} bytes, and the server takes at most {} (max_allowed_packet)",
        step.number,
        task.steps.len(),
        task.name,
        session.server.max_packet
    );
    Error::new(Kind::Statement, what)
        .at(task.place_of(step))
        .truth("nothing has been changed")
        .hint("split it into several statements, or raise max_allowed_packet on the server")
}
/// Refuses statements whose file of this machine cannot be sent. Says how many need one.
pub fn check_local_files(path: &str, text: &str, steps: &Steps, files: &LocalFiles) -> Result<usize> {
    // An INSERT of many alike needs none.
    let statements = steps.iter().filter(|step| step.shape.is_none()).map(|step| (step.span, step.modes));
    local_infile::check(path, text, statements, files)
}
