//! What a statement runs that may hold anything (CALL, a compound statement), as far as the catalogue shows it: whether it
//! may commit by itself, and which tables it may write to that no transaction protects.

use crate::db::session::{Halt, Session};
use crate::db::writes::Named;
use crate::db::{errno, send, server, sql};
use crate::model::lexer::{Code, Kind as Token, Modes};
use crate::model::names::leading;
use crate::model::past::Hidden;

/// The user variables of the routines that this account sees, and of the triggers of this database.
pub fn variables(session: &mut Session) -> Result<Hidden, Halt> {
    let question = format!(
        "SELECT ROUTINE_DEFINITION, SQL_MODE FROM information_schema.ROUTINES \
         WHERE ROUTINE_SCHEMA <> 'sys' AND ROUTINE_DEFINITION LIKE '%@%' LIMIT 1000000; \
         SELECT ACTION_STATEMENT, SQL_MODE FROM information_schema.TRIGGERS \
         WHERE TRIGGER_SCHEMA = {} AND ACTION_STATEMENT LIKE '%@%' LIMIT 1000000",
        sql::text(session.schema())
    );
    let answer = send::ask(&mut session.conn, &question).map_err(|error| session.halt(error))?;
    let mut hidden = Hidden::default();
    for row in answer.iter().flatten() {
        hidden.add(&send::word(row, 0), server::modes(&send::word(row, 1)));
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
        let tokens: Vec<_> = Code::new(text, modes).collect();
        let first = tokens.first().map(|(_, word)| word.to_ascii_uppercase()).unwrap_or_default();
        let called = leading(tokens.get(1..).unwrap_or_default());
        match (first.as_str(), called) {
            ("CALL", Some((name, _))) => {
                let schema = name.schema.unwrap_or_else(|| schema.to_owned());
                let question = format!("SHOW CREATE PROCEDURE {}", sql::table(&schema, &name.name));
                let answer = match send::ask(&mut session.conn, &question) {
                    Ok(answer) => answer,
                    // A server that says no says nothing of the body; one that is gone says nothing of the statement.
                    Err(error) if errno::is_connection_lost(&error) || errno::is_interrupted(&error) => {
                        return Err(Halt::Lost(error));
                    }
                    Err(_) => return Ok(None),
                };
                let row = answer.first().and_then(|rows| rows.first());
                let body = row.and_then(|row| Some((send::maybe_word(row, 2)?, server::modes(&send::word(row, 1)))));
                Ok(body.map(|(text, modes)| Body { text, modes, schema }))
            }
            ("CALL" | "EXECUTE", _) => Ok(None),
            _ => Ok(Some(Body { text: text.to_owned(), modes, schema: schema.to_owned() })),
        }
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
        self.shows_all() && !self.has(&MAY)
    }

    /// Whether all that it runs is to be seen in it, and in the routines that it names.
    pub fn shows_all(&self) -> bool {
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
        let found = named.without_transactions(&mut session.conn, session.server.flavour).map(<[String]>::to_vec);
        found.map_err(|error| session.halt(error))
    }
}
