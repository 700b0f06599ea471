//! Counts rows, and values of columns, without waiting for long: each count ends at a number of rows or after a second, all
//! of them together after ten seconds.

use crate::db::{error_code, packet, quote};
use crate::event::Rows;
use mysql::Conn;
use std::time::{Duration, Instant};

/// A count ends here: COUNT(*) over a large table takes minutes.
pub const UP_TO: u64 = 100_000;

const EACH: Duration = Duration::from_secs(1);
const TOGETHER: Duration = Duration::from_secs(10);
/// Counts that are sent in one packet.
const AT_ONCE: usize = 8;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The database.
    pub schema: String,
    /// The table.
    pub table: String,
    /// What of it.
    pub of: Of,
    /// Whether the history of its rows counts as well.
    pub history: History,
}

/// What of a table is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Its rows.
    Rows,
    /// The rows of a partition.
    Partition(String),
    /// The rows that hold a value in a column.
    Values(String),
}

/// The rows that MariaDB keeps of a system-versioned table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum History {
    /// There is none.
    None,
    /// It goes with the table.
    Included,
}

impl Counted {
    fn question(&self, limit: Duration, is_mariadb: bool) -> String {
        let table = quote::table(&self.schema, &self.table);
        let history = match self.history {
            History::None => "",
            History::Included => " FOR SYSTEM_TIME ALL",
        };
        let (inner, outer) = match &self.of {
            Of::Rows => (format!("1 AS c FROM {table}{history}"), "*"),
            Of::Partition(part) => (format!("1 AS c FROM {table} PARTITION ({}){history}", quote::ident(part)), "*"),
            Of::Values(column) => (format!("{} AS c FROM {table}{history}", quote::ident(column)), "c"),
        };
        let counted = format!("COUNT(*), COUNT({outer}) FROM (SELECT {inner} LIMIT {}) AS some", UP_TO + 1);
        let millis = limit.as_millis().max(1);
        match is_mariadb {
            true => {
                format!(
                    "SET STATEMENT max_statement_time = {}.{:03} FOR SELECT {counted}",
                    millis / 1000,
                    millis % 1000
                )
            }
            false => format!("SELECT /*+ MAX_EXECUTION_TIME({millis}) */ {counted}"),
        }
    }
}

/// Of so many rows that were read, so many count. Where there are more rows, nobody knows what they hold: one value of many
/// rows says too little to name a number.
fn rows(all: u64, some: u64) -> Rows {
    match (all > UP_TO, some) {
        (false, _) => Rows::Exactly(some),
        (true, 0 | 1) => Rows::Unknown,
        (true, _) => Rows::MoreThan(some - 1),
    }
}

/// Counts with one limit of time for all.
pub struct Counter<'c> {
    conn: &'c mut Conn,
    spent: Duration,
    is_mariadb: bool,
}

impl<'c> Counter<'c> {
    /// On a session that writes nothing: it does not wait for a table that others have locked for longer than a second.
    pub fn on(conn: &'c mut Conn) -> mysql::Result<Counter<'c>> {
        let answer = packet::ask(conn, "SET SESSION lock_wait_timeout = 1; SELECT VERSION() LIKE '%MariaDB%'")?;
        let is_mariadb = answer.get(1).and_then(|rows| rows.first()).is_some_and(|row| packet::number(row, 0) == 1);
        Ok(Counter { conn, spent: Duration::ZERO, is_mariadb })
    }

    /// Of the time for all, so much is spent already.
    pub fn since(mut self, spent: Duration) -> Counter<'c> {
        self.spent = spent;
        self
    }

    /// How long was counted in all.
    pub fn spent(&self) -> Duration {
        self.spent
    }

    /// The counts, in order; nothing for what is not there.
    pub fn count(&mut self, all: &[Counted]) -> mysql::Result<Vec<Option<Rows>>> {
        let mut found = Vec::with_capacity(all.len());
        while found.len() < all.len() {
            let left = &all[found.len()..];
            let some = &left[..left.len().min(AT_ONCE)];
            let time = TOGETHER.saturating_sub(self.spent);
            let each = EACH.min(time / some.len() as u32);
            if each < Duration::from_millis(1) {
                found.resize(all.len(), Some(Rows::Unknown));
                break;
            }
            let began = Instant::now();
            self.packet(some, each, &mut found)?;
            self.spent += began.elapsed();
        }
        Ok(found)
    }

    /// An error ends the packet, and is the answer to the one that it is about.
    fn packet(&mut self, some: &[Counted], each: Duration, found: &mut Vec<Option<Rows>>) -> mysql::Result<()> {
        let questions: Vec<String> = some.iter().map(|one| one.question(each, self.is_mariadb)).collect();
        let sent = packet::each(self.conn, &questions.join("; "), packet::Rows::Keep, &mut |answer| {
            let (all, some) =
                answer.rows.first().map_or((0, 0), |row| (packet::number(row, 0), packet::number(row, 1)));
            found.push(Some(rows(all, some)));
        });
        match sent {
            Ok(()) => {}
            Err(error) if error_code::is_connection_lost(&error) => return Err(error),
            Err(error) if error_code::is_absent(&error) => found.push(None),
            Err(error) => {
                log::debug!("{}: {error}", questions.join("; "));
                found.push(Some(Rows::Unknown));
            }
        }
        Ok(())
    }
}
