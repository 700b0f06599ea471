//! What a database holds that is not uturn's: where there is no history, migrations that begin at the beginning may meet it.

use crate::db::{packet, quote};
use crate::schema::own_tables;
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
    /// MySQL's libraries of functions, since 9.2.
    pub libraries: Vec<String>,
}

impl Content {
    /// Nothing but what uturn makes for itself.
    pub fn is_empty(&self) -> bool {
        [&self.relations, &self.routines, &self.events, &self.libraries].into_iter().all(Vec::is_empty)
    }
}

/// Asks for names only: MariaDB reads those of tables from the folder, without a look into any of them.
pub fn read(conn: &mut Conn, schema: &str) -> mysql::Result<Content> {
    let names = |column: &str, list: &str, schema_column: &str| {
        let schema = quote::text(schema);
        // A LIMIT beats the server's sql_select_limit.
        format!(
            "SELECT {column} FROM information_schema.{list} WHERE {schema_column} = {schema} ORDER BY 1 LIMIT 1000000"
        )
    };
    let libraries = names("LIBRARY_NAME", "LIBRARIES", "LIBRARY_SCHEMA");
    let question = [
        names("TABLE_NAME", "TABLES", "TABLE_SCHEMA"),
        names("ROUTINE_NAME", "ROUTINES", "ROUTINE_SCHEMA"),
        names("EVENT_NAME", "EVENTS", "EVENT_SCHEMA"),
        // MariaDB, which has none, skips what is for this version of MySQL.
        format!("SELECT '' FROM DUAL WHERE 1 = 0 /*!90200 UNION ALL {libraries} */"),
    ];
    let mut sets = packet::ask(conn, &question.join("; "))?.into_iter();
    let mut next = || -> Vec<String> {
        let word = |row: &Row| packet::word(row, 0);
        sets.next().unwrap_or_default().iter().map(word).collect()
    };
    let (mut relations, routines, events, libraries) = (next(), next(), next(), next());
    relations.retain(|name| !own_tables::is_own(name));
    Ok(Content { relations, routines, events, libraries })
}
