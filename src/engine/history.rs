//! refinery's table, and the journal beside it, as they are found: one read at the start of every command.

use crate::db::connect::{self, Access, with_said};
use crate::db::content::{self, Content};
use crate::db::{error_code, own_settings, packet, quote};
use crate::engine::journal::{self, OpenRun, Versions};
use crate::engine::protection;
use crate::engine::resume::session_replay::Hidden;
use crate::error::{Error, Kind, Result};
use crate::event::protection::Protection;
use crate::migration::name::{Name, Version};
use crate::migration::pair::{File, Migration};
use crate::migration::plan::{Applied, Known, Open};
use crate::schema::own_tables;
use mysql::{Conn, Row};
use std::hash::{Hash, Hasher};

const COLUMNS: [&str; 4] = ["version", "name", "applied_on", "checksum"];

/// Which tables are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// refinery's history.
    pub history: bool,
    /// The journal.
    pub journal: bool,
    /// And which layout it has.
    pub versions: Versions,
    /// The table of the protection.
    pub protection: bool,
}

/// What the database holds about migrations.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// Which tables are there.
    pub layout: Layout,
    /// The number of the last run when this was read; 0 if there has been none.
    pub last_run: u64,
    /// Whether rows of the journal may hold passwords: an older uturn wrote the last one.
    pub may_hold_secrets: bool,
    /// The rows of refinery's table, in time order.
    pub history: Vec<Applied>,
    /// The run that stopped part-way, if there is one.
    pub open: Option<OpenRun>,
    /// What the database's routines and triggers do to user variables: known where a run is about to go on.
    pub hidden: Hidden,
    /// The mark, if the database is protected.
    pub protection: Option<Protection>,
    /// What the database holds besides: known where there is no history.
    pub content: Content,
}

impl Ledger {
    /// The row of a version, if it is applied.
    pub fn row(&self, version: Version) -> Option<&Applied> {
        let place = self.history.binary_search_by_key(&version, |applied| applied.version);
        place.ok().map(|index| &self.history[index])
    }

    /// What the planner needs to know of the run that stopped part-way.
    pub fn stopped(&self) -> Option<Open> {
        self.open.as_ref().map(OpenRun::for_plan)
    }
}

/// Reads everything. One round trip, however many migrations there are, where the tables are as this uturn makes them, and
/// two if the database is protected; else three, and one more if there is no history yet. And one more if a run stopped part-way.
///
/// Makes the session uturn's own before it asks anything.
pub fn read(conn: &mut Conn, access: &Access) -> Result<Ledger> {
    read_by(conn, access, own_settings::ask_first)
}

/// The same on a session that is to stay as it is.
pub fn read_aside(conn: &mut Conn, access: &Access) -> Result<Ledger> {
    read_by(conn, access, |conn, _, question| packet::ask(conn, question))
}

/// How the first questions are sent: the session, the database, the questions.
type First = fn(&mut Conn, &str, &str) -> mysql::Result<Vec<Vec<Row>>>;

fn read_by(conn: &mut Conn, access: &Access, first: First) -> Result<Ledger> {
    let schema = access.database.as_str();
    if let Some((layout, sets)) = at_once(conn, schema, first) {
        return ledger(conn, schema, layout, sets);
    }
    let layout = layout(conn, schema, first)?;
    let content = match layout.history {
        true => Content::default(),
        false => content::read(conn, schema).map_err(|error| unreadable(&error))?,
    };
    if !layout.history && !layout.journal && !layout.protection {
        return Ok(Ledger { layout, content, ..Ledger::default() });
    }
    let sets = packet::ask(conn, &questions(schema, layout)).map_err(|error| unreadable(&error))?;
    Ok(Ledger { content, ..ledger(conn, schema, layout, sets)? })
}

/// What is to be read of such tables.
fn questions(schema: &str, layout: Layout) -> String {
    let last_run = if layout.journal { journal::last_run_question(schema) } else { "DO 0".to_owned() };
    let history = match layout.history {
        true => {
            format!(
                "SELECT version, name, applied_on, checksum FROM {} ORDER BY version",
                quote::table(schema, own_tables::HISTORY)
            )
        }
        false => "DO 0".to_owned(),
    };
    let mut question = format!("{last_run}; {history}");
    if layout.history && layout.journal {
        question.push_str(&format!("; {}", journal::open_run_question(schema, layout.versions)));
    }
    // Last, behind what belongs to the history.
    if layout.protection {
        question.push_str(&format!("; {}", protection::question(schema)));
    }
    question
}

/// And what the answers say.
fn ledger(conn: &mut Conn, schema: &str, layout: Layout, mut sets: Vec<Vec<Row>>) -> Result<Ledger> {
    let protection = if layout.protection { sets.pop().and_then(|rows| protection::mark(&rows)) } else { None };
    let last_run = sets[0].first().map_or(0, |row| packet::number(row, 0));
    let may_hold_secrets = sets[0].first().is_some_and(|row| journal::may_hold_secrets(&packet::word(row, 1)));
    let history = sets[1].iter().map(applied).collect::<Result<Vec<Applied>>>()?;
    let open = match sets.get(2) {
        Some(runs) => journal::open_run(conn, schema, layout.versions, runs).map_err(|error| unreadable(&error))??,
        None => None,
    };
    Ok(Ledger { layout, last_run, may_hold_secrets, history, open, protection, ..Ledger::default() })
}

/// The usual case, and the answers to its questions: history and journal are as this uturn makes them. Nothing in any other
/// case, or where anything goes wrong: what it is, is found out then.
fn at_once(conn: &mut Conn, schema: &str, first: First) -> Option<(Layout, Vec<Vec<Row>>)> {
    let mut layout = Layout { history: true, journal: true, versions: Versions::newest(), protection: false };
    let show = |table: &str| format!("SHOW CREATE TABLE {}", quote::table(schema, table));
    let question = format!(
        "{}; {}; {}; {}",
        show(own_tables::RUN),
        show(own_tables::STEP),
        questions(schema, layout),
        protection::layout_question(schema)
    );
    let mut sets = first(conn, schema, &question).ok()?;
    let is_protected = protection::is_there(&sets.pop()?).ok()?;
    let mut rows = sets.split_off(2);
    let comment = |set: &[Row]| set.first().and_then(|row| table_comment(&packet::word(row, 1)).map(str::to_owned));
    let versions = Versions::from_comments(comment(&sets[0]).as_deref(), comment(&sets[1]).as_deref()).ok()?;
    if is_protected {
        layout.protection = true;
        rows.extend(packet::ask(conn, &protection::question(schema)).ok()?);
    }
    (versions == layout.versions).then_some((layout, rows))
}

/// The comment of a table, from its SHOW CREATE: the last of its options, if it has no partitions.
fn table_comment(create: &str) -> Option<&str> {
    quote::options(create)?.rsplit_once(" COMMENT='")?.1.strip_suffix('\'')
}

/// Looks for the tables by exact name: MariaDB answers a list of names by reading the whole schema.
fn layout(conn: &mut Conn, schema: &str, first: First) -> Result<Layout> {
    let columns = |table: &str| {
        format!(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            quote::text(schema),
            quote::text(table)
        )
    };
    let comment = |table: &str| {
        format!(
            "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            quote::text(schema),
            quote::text(table)
        )
    };
    let question = format!(
        "{}; {}; {}; {}",
        columns(own_tables::HISTORY),
        comment(own_tables::RUN),
        comment(own_tables::STEP),
        protection::layout_question(schema)
    );
    let sets = first(conn, schema, &question).map_err(|error| unreadable(&error))?;
    let found: Vec<String> = sets[0].iter().map(|row| packet::word(row, 0).to_lowercase()).collect();
    if !found.is_empty() && !COLUMNS.iter().all(|column| found.iter().any(|f| f == column)) {
        return Err(not_refinerys(&format!("its columns are {}", found.join(", "))));
    }
    let comment = |set: &[Row]| set.first().map(|row| packet::word(row, 0));
    let (run, step) = (comment(&sets[1]), comment(&sets[2]));
    let versions = Versions::from_comments(run.as_deref(), step.as_deref())?;
    let protection = protection::is_there(&sets[3])?;
    Ok(Layout { history: !found.is_empty(), journal: run.is_some(), versions, protection })
}

/// The engine of refinery's table, if it is not InnoDB's: a migration of rows and its row are one transaction.
pub fn other_engine(conn: &mut Conn, schema: &str) -> mysql::Result<Option<String>> {
    let question = format!("SHOW CREATE TABLE {}", quote::table(schema, own_tables::HISTORY));
    let answer = packet::ask(conn, &question)?;
    let create = answer[0].first().map(|row| packet::word(row, 1)).unwrap_or_default();
    let engine =
        quote::options(&create).unwrap_or_default().split_once(" ENGINE=").and_then(|(_, rest)| rest.split(' ').next());
    Ok(engine.filter(|engine| !engine.eq_ignore_ascii_case("InnoDB")).map(str::to_owned))
}

fn applied(row: &Row) -> Result<Applied> {
    let checksum = packet::word(row, 3);
    let checksum = checksum.parse().map_err(|_| {
        not_refinerys(&format!("the row of version {} has the checksum `{checksum}`", packet::word(row, 0)))
    })?;
    let version = packet::word(row, 0)
        .parse()
        .map_err(|_| not_refinerys(&format!("a row has the version `{}`", packet::word(row, 0))))?;
    Ok(Applied {
        version: Version::from_history(version),
        name: packet::word(row, 1),
        checksum,
        applied_on: packet::word(row, 2),
    })
}

fn not_refinerys(why: &str) -> Error {
    Error::new(Kind::History, format!("the table `{}` is not refinery's: {why}", own_tables::HISTORY))
        .truth("nothing has been changed")
        .hint(format!("rename or fix that table; refinery's has the columns {}", COLUMNS.join(", ")))
}

fn unreadable(error: &mysql::Error) -> Error {
    if let Some(expired) = connect::expired(error) {
        return expired;
    }
    let what = format!("cannot read the history table `{}`", own_tables::HISTORY);
    if error_code::is_connection_lost(error) || error_code::is_interrupted(error) {
        return with_said(Error::new(Kind::Unreachable, format!("{what}: the connection was lost, or killed")), error)
            .truth("nothing has been changed")
            .hint("run it again; `uturn wait` waits for the server");
    }
    with_said(Error::new(Kind::Rights, what), error).truth("nothing has been changed").hint(
        "the account needs SELECT on the whole database; docs/runbook.md, `rights`, lists what each command needs",
    )
}

/// refinery's checksum: SipHash-1-3 over name, version and the text of the up script, in this order, as
/// `refinery_core::Migration::unapplied` computes it. Computed here because that call copies the text.
pub fn checksum(name: &Name, up: &File) -> u64 {
    checksum_of(&name.history_name(), name.version(), &up.text)
}

/// The same of a text under the name that the history has.
pub fn checksum_of(name: &str, version: Version, text: &str) -> u64 {
    let mut hasher = siphasher::sip::SipHasher13::new();
    name.hash(&mut hasher);
    version.number().hash(&mut hasher);
    text.hash(&mut hasher);
    hasher.finish()
}

/// What the planner needs to know of the files. The downs of applied migrations are not read.
pub fn known(migrations: &[Migration], history: &[Applied]) -> Vec<Known> {
    let is_applied = |version| history.binary_search_by_key(&version, |row| row.version).is_ok();
    let known = |one: &Migration| Known {
        name: one.name.clone(),
        checksum: one.up.as_ref().map(|up| checksum(&one.name, up)).map_err(Clone::clone),
        faults: if is_applied(one.name.version()) { Vec::new() } else { one.scripts().err().unwrap_or_default() },
        alike: None,
    };
    migrations.iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_read_from_a_definition() {
        let create = |options: &str| format!("CREATE TABLE `t` (\n  `a` int COMMENT='x'\n) ENGINE=InnoDB{options}");
        assert_eq!(table_comment(&create(" COMMENT='uturn journal 4'")), Some("uturn journal 4"));
        assert_eq!(table_comment(&create("")), None);
        assert_eq!(table_comment(&create(" COMMENT='a'\n/*!50100 PARTITION BY HASH (a) */")), None);
        assert_eq!(table_comment(""), None);
    }
}
