//! What a statement runs that may hold anything (CALL, a compound statement), as far as the catalogue shows it: whether it
//! may commit by itself, and which tables it may write to that no transaction protects.

use crate::db::non_transactional::Named;
use crate::db::{error_code, packet, quote, server};
use crate::engine::resume::session_replay::Hidden;
use crate::engine::session::{Halt, Session};
use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::statement::names::leading;
use crate::statement::session_effects::first;
use mysql::Row;

/// The user variables of the routines that this account sees, and of the triggers of this database.
pub fn variables(session: &mut Session) -> Result<Hidden, Halt> {
    let question = format!(
        "SELECT ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES \
         WHERE ROUTINE_SCHEMA <> 'sys' AND ROUTINE_DEFINITION LIKE '%@%' LIMIT 1000000; \
         SELECT ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS \
         WHERE TRIGGER_SCHEMA = {} AND ACTION_STATEMENT LIKE '%@%' LIMIT 1000000",
        quote::text(session.schema())
    );
    let answer = session.aside(|session| packet::ask(&mut session.conn, &question))?;
    let answer = answer.map_err(|error| session.halt(error))?;
    let mut hidden = Hidden::default();
    for row in answer.iter().flatten() {
        hidden.add(&packet::word(row, 0), server::modes(&packet::word(row, 1)));
    }
    Ok(hidden)
}

/// The statements that it runs.
pub struct Body {
    text: String,
    modes: Modes,
    /// Where its names without a schema are looked up.
    schema: String,
}

impl Body {
    /// Of a statement that runs with this default database. Nothing where it is not to be seen: a procedure that is not there
    /// or not this account's to read, a prepared statement.
    pub fn of(session: &mut Session, schema: &str, text: &str, modes: Modes) -> Result<Option<Body>, Halt> {
        match procedure(text, modes, schema) {
            Some((schema, name)) => {
                let answer = match show(session, &schema, &name)? {
                    Ok(answer) => answer,
                    Err(_) => return Ok(None),
                };
                let row = answer.first().and_then(|rows| rows.first());
                let body =
                    row.and_then(|row| Some((packet::maybe_word(row, 2)?, server::modes(&packet::word(row, 1)))));
                Ok(body.map(|(text, modes)| Body { text, modes, schema }))
            }
            None if matches!(first(text, modes).to_ascii_uppercase().as_str(), "CALL" | "EXECUTE") => Ok(None),
            None => Ok(Some(Body { text: text.to_owned(), modes, schema: schema.to_owned() })),
        }
    }

    /// Whether a CALL names a procedure that is not there.
    pub fn is_missing(session: &mut Session, schema: &str, text: &str, modes: Modes) -> Result<bool, Halt> {
        let Some((schema, name)) = procedure(text, modes, schema) else { return Ok(false) };
        Ok(matches!(show(session, &schema, &name)?, Err(error) if error_code::is_no_such_routine(&error)))
    }

    /// A text that is prepared, and run with this default database.
    pub fn of_text(text: String, modes: Modes, schema: &str) -> Body {
        Body { text, modes, schema: schema.to_owned() }
    }

    /// No word in it that commits, or that runs something which may. A column of such a name only costs a question.
    pub fn never_commits(&self) -> bool {
        const MAY: [&str; 30] = [
            "COMMIT",
            "ROLLBACK",
            "START",
            "STOP",
            "CREATE",
            "ALTER",
            "DROP",
            "TRUNCATE",
            "RENAME",
            "GRANT",
            "REVOKE",
            "PASSWORD",
            "ROLE",
            "LOCK",
            "UNLOCK",
            "ANALYZE",
            "OPTIMIZE",
            "REPAIR",
            "CHECK",
            "CACHE",
            "LOAD",
            "FLUSH",
            "RESET",
            "CHANGE",
            "INSTALL",
            "UNINSTALL",
            "IMPORT",
            "PURGE",
            "XA",
            "AUTOCOMMIT",
        ];
        self.stays_in_transaction() && !self.has(&MAY)
    }

    /// Whether all that it runs is to be seen, and a ROLLBACK takes all of it back but what it has committed itself and rows
    /// of tables without transactions.
    pub fn stays_in_transaction(&self) -> bool {
        self.shows_all() && !self.has(&["GLOBAL", "PERSIST", "PERSIST_ONLY", "OUTFILE", "DUMPFILE", "KILL"])
    }

    /// Whether it may commit something for which the server has no GTID, or another one.
    pub fn may_hide(&self) -> bool {
        self.has(&["SQL_LOG_BIN", "GTID_NEXT"])
    }

    /// Whether all that it runs is to be seen in it, and in the routines that it names.
    fn shows_all(&self) -> bool {
        !self.has(&["CALL", "PREPARE", "EXECUTE"])
    }

    fn has(&self, words: &[&str]) -> bool {
        let all = Code::new(&self.text, self.modes).filter(|(kind, _)| *kind == Token::Word);
        // The first one is BEGIN or the like, or the CREATE of CREATE PROCEDURE.
        all.skip(1).any(|(_, word)| words.contains(&word.to_ascii_uppercase().as_str()))
    }

    /// The tables that it may write to, whose engine has no transactions.
    pub fn without_transactions(&self, session: &mut Session) -> Result<Vec<String>, Halt> {
        let mut named = Named::default();
        named.by_body(&self.text, self.modes, &self.schema);
        let flavour = session.server.flavour;
        let found =
            session.aside(|session| named.without_transactions(&mut session.conn, flavour).map(<[String]>::to_vec))?;
        found.map_err(|error| session.halt(error))
    }
}

/// The procedure of a CALL.
fn procedure(text: &str, modes: Modes, schema: &str) -> Option<(String, String)> {
    let tokens: Vec<_> = Code::new(text, modes).take(4).collect();
    let is_call = tokens.first()?.1.eq_ignore_ascii_case("CALL");
    let (name, _) = leading(tokens.get(1..)?).filter(|_| is_call)?;
    Some((name.schema.unwrap_or_else(|| schema.to_owned()), name.name))
}

/// A server that says no says nothing of the body; one that is gone says nothing of the statement.
fn show(session: &mut Session, schema: &str, name: &str) -> Result<mysql::Result<Vec<Vec<Row>>>, Halt> {
    match packet::ask(&mut session.conn, &format!("SHOW CREATE PROCEDURE {}", quote::table(schema, name))) {
        Err(error) if error_code::is_connection_lost(&error) || error_code::is_interrupted(&error) => {
            Err(Halt::Lost(error))
        }
        answer => Ok(answer),
    }
}
