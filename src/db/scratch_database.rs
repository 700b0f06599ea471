//! A throwaway database on the configured server. It goes with the command that made it; what a killed one left behind is
//! cleared by the next. A database that uturn did not make is never touched.
//!
//! The account needs its rights on the names of such databases alone: GRANT ALL ON `uturn\_scratch\_%`.* TO …

use crate::db::connect::{Access, with_said};
use crate::db::{error_code, packet, quote, topology};
use crate::error::{Error, Kind, Result};
use mysql::Conn;

/// How every name begins.
const PREFIX: &str = "uturn_scratch_";

/// The table that says whose the database is. Made first; a database without it is ours only while it is empty.
const MARK: &str = "uturn_scratch_mark";

/// A throwaway database. Dropping it drops the database.
pub struct Scratch {
    /// How to get into it: as the configured access, with this database.
    pub access: Access,
    /// Holds the lock that says that its maker is alive, and is idle for as long as the longest statement runs.
    keeper: Conn,
}

impl Scratch {
    /// Makes one, after clearing what dead commands have left.
    pub fn make(access: &Access) -> Result<Scratch> {
        let mut keeper = access.open_server()?;
        topology::check(&mut keeper, access).map_err(|refusal| {
            let hint = refusal.next_step().unwrap_or_default();
            let hint = format!("use a server of this machine, which uturn starts and ends: `--throwaway`; or {hint}");
            refusal.hint(hint)
        })?;
        let refused = |error: mysql::Error| no_scratch(access, &error);
        clear_leftovers(&mut keeper).map_err(refused)?;
        // Two names at once come from two sessions of the server, so they differ.
        let question = "SELECT CONCAT(CONNECTION_ID(), '_', UUID_SHORT())";
        let answer = packet::ask(&mut keeper, question).map_err(refused)?;
        let name = format!("{PREFIX}{}", answer[0].first().map(|row| packet::word(row, 0)).unwrap_or_default());
        packet::tell(&mut keeper, &format!("DO GET_LOCK({}, 0)", quote::text(&alive(&name)))).map_err(refused)?;
        let make = format!("SET SESSION wait_timeout = 2147483; {}", make(&name));
        packet::tell(&mut keeper, &make).map_err(refused)?;
        Ok(Scratch { access: Access { database: name, ..access.clone() }, keeper })
    }

    /// Empties it.
    pub fn clear(&mut self) -> Result<()> {
        let name = &self.access.database;
        let anew = format!("DROP DATABASE IF EXISTS {}; {}", quote::ident(name), make(name));
        packet::tell(&mut self.keeper, &anew).map(drop).map_err(|error| no_scratch(&self.access, &error))
    }

    /// A session of uturn's own, for questions about what is in it.
    pub fn session(&mut self) -> &mut Conn {
        &mut self.keeper
    }

    /// Whether a table is the mark, which is no part of what is worked on in the database.
    pub fn is_mark(table: &str) -> bool {
        table == MARK
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {}", quote::ident(&self.access.database));
        // If it cannot be dropped now, the next command clears it.
        if let Err(error) = packet::tell(&mut self.keeper, &drop) {
            log::info!("the scratch database stays: {error}");
        }
    }
}

fn make(name: &str) -> String {
    format!(
        "CREATE DATABASE {0} CHARACTER SET utf8mb4; \
         CREATE TABLE {1} (made_by VARCHAR(128) NOT NULL PRIMARY KEY) ENGINE=InnoDB ROW_FORMAT=DYNAMIC; \
         INSERT INTO {1} VALUES (LEFT(USER(), 128))",
        quote::ident(name),
        quote::table(name, MARK)
    )
}

/// The lock that says that its maker is alive.
fn alive(name: &str) -> String {
    format!("uturn:scratch:{}", &name[PREFIX.len()..])
}

/// Drops the scratch databases whose makers are dead: nobody holds their locks. Each must carry the mark, or be empty.
fn clear_leftovers(conn: &mut Conn) -> mysql::Result<()> {
    let question = format!(
        "SELECT s.SCHEMA_NAME FROM information_schema.SCHEMATA s WHERE s.SCHEMA_NAME LIKE {} AND \
         (EXISTS (SELECT 1 FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = s.SCHEMA_NAME AND t.TABLE_NAME = {}) \
          OR NOT EXISTS (SELECT 1 FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = s.SCHEMA_NAME))",
        quote::text("uturn\\_scratch\\_%"),
        quote::text(MARK)
    );
    for row in &packet::ask(conn, &question)?[0] {
        let name = packet::word(row, 0);
        let lock = quote::text(&alive(&name));
        let answer = packet::ask(conn, &format!("SELECT GET_LOCK({lock}, 0)"))?;
        if answer[0].first().is_some_and(|row| packet::number(row, 0) == 1) {
            let drop = format!("DROP DATABASE IF EXISTS {}; DO RELEASE_LOCK({lock})", quote::ident(&name));
            // One that this account may not drop is another account's.
            if let Err(error) = packet::tell(conn, &drop) {
                log::info!("a scratch database of somebody else stays: {error}");
            }
        }
    }
    Ok(())
}

fn no_scratch(access: &Access, error: &mysql::Error) -> Error {
    let kind = if error_code::is_connection_lost(error) { Kind::Unreachable } else { Kind::Rights };
    with_said(Error::new(kind, format!("cannot make a scratch database on {}", access.endpoint)), error)
        .truth("nothing has been changed")
        .hint(format!("ask for it: GRANT ALL ON `uturn\\_scratch\\_%`.* TO '{}'@'…'", access.user))
}
