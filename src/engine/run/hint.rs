//! What to do about a statement that the server has refused: where the cause is a right, a definer, a trigger or the server, it
//! would be of no use to change the statement.

use crate::db::{packet, quote};
use crate::engine::program::step::Step;
use crate::engine::run::Script;
use crate::engine::run::error_cause::{Cause, Missing, On, cause};
use crate::error::Said;
use crate::migration::name::Direction;
use crate::statement::names::names;

impl Script<'_, '_> {
    /// Asked on this session, whose statement has failed and whose rows are committed.
    pub(super) fn hint(&mut self, step: &Step, said: &Said) -> String {
        let cause = cause(said.number, &said.text, self.task.text_of(step), step.modes);
        let then = self.then();
        match cause {
            Cause::Statement => self.mend(step.number),
            Cause::Right(missing) => format!("{}; then {then}", self.grant(step, &missing)),
            Cause::Definer(user, host) => format!("{}; then {then}", self.definer(&user, &host)),
            Cause::Inside => match self.triggers(step).as_str() {
                "" => self.mend(step.number),
                triggers => {
                    format!("the cause is not in the statement but in what it runs, {triggers}: fix that; then {then}")
                }
            },
            Cause::BinaryLog => format!(
                "an administrator can allow it, while the server writes a binary log: \
                 SET GLOBAL log_bin_trust_function_creators = 1; then {then}"
            ),
            Cause::Server => format!("the statement may be right: see to what the server says; then {then}"),
        }
    }

    fn then(&self) -> String {
        match self.task.direction {
            Direction::Up if self.nothing_done() => "run `uturn up` again".to_owned(),
            Direction::Up | Direction::Down => self.go_on(),
        }
    }

    fn grant(&mut self, step: &Step, missing: &Missing) -> String {
        let who = self.account_of(missing);
        let Some(rights) = &missing.rights else {
            return format!(
                "{who} lacks a right that this statement needs (`SHOW GRANTS` lists those it has); ask for it"
            );
        };
        let own = self.session.default_schema().to_owned();
        let on = match &missing.on {
            On::Server => "*.*".to_owned(),
            On::Database(database) => on_database(database),
            // It is not there yet, so there is nothing to grant it on.
            On::Table(Some(database), _) if rights.starts_with("CREATE") => on_database(database),
            On::Table(Some(database), table) => quote::table(database, table),
            On::Table(None, table) => {
                let named = names(self.task.text_of(step), step.modes);
                let schema = named.into_iter().find(|name| name.name == *table && name.schema.is_some());
                let schema = schema.and_then(|name| name.schema).unwrap_or(own);
                if rights.starts_with("CREATE") { on_database(&schema) } else { quote::table(&schema, table) }
            }
        };
        format!("{who} lacks a right; ask for it: GRANT {rights} ON {on} TO {who}")
    }

    /// The session's account, as GRANT wants it, or another one, as which a view, a trigger or a routine runs.
    fn account_of(&mut self, missing: &Missing) -> String {
        let quoted = |user: &str, host: &str| format!("{}@{}", quote::quoted(user), quote::quoted(host));
        if let Some((user, host)) = missing.who.as_ref().filter(|(u, h)| format!("{u}@{h}") != self.session.server.user)
        {
            return quoted(user, host);
        }
        let own = self.one("SELECT CURRENT_USER() LIMIT 1");
        own.rsplit_once('@').map_or_else(|| "the account".to_owned(), |(user, host)| quoted(user, host))
    }

    /// What runs as an account that is not there, in the databases that the statement is about.
    fn definer(&mut self, user: &str, host: &str) -> String {
        let (is, schemas) = (quote::text(&format!("{user}@{host}")), self.schemas());
        let of = |what: &str, schema: &str, name: &str, table: &str| {
            format!(
                "SELECT CONCAT({what}, {schema}, '.', {name}) AS n FROM information_schema.{table} \
                 WHERE DEFINER = {is} AND {schema} IN ({schemas})"
            )
        };
        let all = [
            of("'view '", "TABLE_SCHEMA", "TABLE_NAME", "VIEWS"),
            of("'trigger '", "TRIGGER_SCHEMA", "TRIGGER_NAME", "TRIGGERS"),
            of("LOWER(CONCAT(ROUTINE_TYPE, ' '))", "ROUTINE_SCHEMA", "ROUTINE_NAME", "ROUTINES"),
            of("'event '", "EVENT_SCHEMA", "EVENT_NAME", "EVENTS"),
        ];
        let found = self.list(&format!("{} LIMIT 6", all.join(" UNION ALL ")));
        let what = if found.is_empty() { "what the statement uses".to_owned() } else { found.join(", ") };
        format!(
            "the definer {}@{} of {what} does not exist: make that account, or give what it had made another definer",
            quote::quoted(user),
            quote::quoted(host)
        )
    }

    /// The triggers of the tables that a statement names.
    fn triggers(&mut self, step: &Step) -> String {
        let own = self.session.default_schema().to_owned();
        let pair = |name: crate::statement::names::Name| {
            let schema = name.schema.unwrap_or_else(|| own.clone());
            format!("({}, {})", quote::text(&schema), quote::text(&name.name))
        };
        let named: Vec<String> = names(self.task.text_of(step), step.modes).into_iter().map(pair).collect();
        if named.is_empty() {
            return String::new();
        }
        let question = format!(
            "SELECT CONCAT('trigger ', TRIGGER_SCHEMA, '.', TRIGGER_NAME, ' of table ', EVENT_OBJECT_TABLE) \
             FROM information_schema.TRIGGERS WHERE (EVENT_OBJECT_SCHEMA, EVENT_OBJECT_TABLE) IN ({0}) UNION ALL \
             SELECT CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_SCHEMA, '.', ROUTINE_NAME) FROM information_schema.ROUTINES \
             WHERE (ROUTINE_SCHEMA, ROUTINE_NAME) IN ({0}) LIMIT 6",
            named.join(", ")
        );
        self.list(&question).join(", ")
    }

    fn schemas(&self) -> String {
        let both = [self.session.default_schema(), self.session.schema()];
        both.map(quote::text).join(", ")
    }

    /// The first column of a question's rows. It only helps: where it cannot be asked, nothing.
    fn list(&mut self, question: &str) -> Vec<String> {
        let sets = packet::ask(&mut self.session.conn, question).unwrap_or_default();
        sets.iter().flatten().map(|row| packet::word(row, 0)).collect()
    }

    fn one(&mut self, question: &str) -> String {
        self.list(question).pop().unwrap_or_default()
    }
}

/// In a GRANT on a database `_` and `%` stand for any letters.
fn on_database(name: &str) -> String {
    format!("{}.*", quote::ident(&name.replace('_', "\\_").replace('%', "\\%")))
}
