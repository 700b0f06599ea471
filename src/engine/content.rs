//! What a database holds that is not uturn's: where there is no history, migrations that begin at the beginning may meet it.

use crate::db::{packet, quote};
use crate::engine::history::TABLE;
use crate::engine::{journal, protection};
use mysql::{Conn, Row};

/// The names of what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Tables and views; sequences, too.
    pub relations: Vec<String>,
    /// Procedures, functions, packages.
    pub routines: Vec<String>,
    /// Events.
    pub events: Vec<String>,
}

impl Content {
    /// Nothing but what uturn makes for itself.
    pub fn is_empty(&self) -> bool {
        self.relations.is_empty() && self.routines.is_empty() && self.events.is_empty()
    }
}

/// The tables of uturn and refinery, which are no content.
pub const OWN: [&str; 4] = [TABLE, journal::RUN, journal::STEP, protection::TABLE];

/// Asks for names only: MariaDB reads those of tables from the folder, without a look into any of them.
pub fn read(conn: &mut Conn, schema: &str) -> mysql::Result<Content> {
    let names = |column: &str, list: &str, schema_column: &str| {
        let schema = quote::text(schema);
        // A LIMIT beats the server's sql_select_limit.
        format!(
            "SELECT {column} FROM information_schema.{list} WHERE {schema_column} = {schema} ORDER BY 1 LIMIT 1000000"
        )
    };
    let question = [
        names("TABLE_NAME", "TABLES", "TABLE_SCHEMA"),
        names("ROUTINE_NAME", "ROUTINES", "ROUTINE_SCHEMA"),
        names("EVENT_NAME", "EVENTS", "EVENT_SCHEMA"),
    ];
    let mut sets = packet::ask(conn, &question.join("; "))?.into_iter();
    let mut next = || -> Vec<String> {
        let word = |row: &Row| packet::word(row, 0);
        sets.next().unwrap_or_default().iter().map(word).collect()
    };
    let (mut relations, routines, events) = (next(), next(), next());
    relations.retain(|name| !OWN.iter().any(|own| own.eq_ignore_ascii_case(name)));
    Ok(Content { relations, routines, events })
}
