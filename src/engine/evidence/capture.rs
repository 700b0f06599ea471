//! Looks the objects of a scope up, in as few round trips as it takes: this stands in front of every statement that commits
//! by itself.

use crate::db::catalogue;
use crate::db::flavour::Flavour;
use crate::db::gtid;
use crate::db::packet;
use crate::db::server::Server;
use crate::db::{error_code, quote};
use crate::engine::evidence::{Evidence, Fact, HIDDEN, Scope};
use crate::schema::own_tables::RUN;
use mysql::Conn;
use std::collections::BTreeMap;

/// A table by its schema, its name, and its key among the facts.
type Table = (String, String, String);

/// When the objects are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Before the intent, into which the server itself puts what it has executed.
    Before,
    /// To find out what became of a statement.
    Since,
}

/// Looks the scope up: one round trip for most statements; where a definition does not tell, one for what is there, one
/// for its definitions and one for its ids.
pub fn capture(conn: &mut Conn, server: &Server, scope: Scope, when: When) -> mysql::Result<Evidence> {
    let mut evidence = nothing_yet(server, scope);
    if let Some(tag) = server.gtid_tag.as_deref().filter(|_| when == When::Since) {
        evidence.gtid = gtid::executed(conn, tag)?;
    }
    let is_enough = evidence.scope.shown_only && by_definition(conn, &mut evidence)?;
    if !is_enough {
        by_catalogue(conn, server, &mut evidence)?;
    }
    Ok(evidence)
}

/// The question that a look at a scope is, where it is one question.
pub fn question_alone(scope: &Scope) -> Option<String> {
    match &scope.names[..] {
        [(schema, name)] if scope.shown_only => Some(format!("SHOW CREATE TABLE {}", quote::table(schema, name))),
        _ => None,
    }
}

/// What it has found, by the answer to that question. Nothing where that does not tell enough.
pub fn by_answer(server: &Server, scope: Scope, shown: mysql::Result<String>) -> Option<Evidence> {
    let tells = match &shown {
        Ok(text) => !is_sequence(text),
        Err(error) => error_code::is_no_such_table(error) || error_code::is_no_database(error),
    };
    if !tells {
        return None;
    }
    let (schema, name) = scope.names.first()?.clone();
    let mut evidence = nothing_yet(server, scope);
    enter(&mut evidence.facts, &schema, &name, read(shown).ok()?).then_some(evidence)
}

fn nothing_yet(server: &Server, scope: Scope) -> Evidence {
    Evidence { scope, has_ids: server.has_process, ..Evidence::default() }
}

/// The definitions alone. False where one does not tell.
fn by_definition(conn: &mut Conn, evidence: &mut Evidence) -> mysql::Result<bool> {
    for (schema, name) in &evidence.scope.names {
        let definition = definition(conn, schema, name)?;
        if !enter(&mut evidence.facts, schema, name, definition) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Enters a table by its definition. False where a temporary table hides it: that one goes with its session, and the one
/// behind it does not.
fn enter(facts: &mut BTreeMap<String, Fact>, schema: &str, name: &str, definition: Definition) -> bool {
    match definition {
        Definition::Of(definition, shown) => {
            let fact = Fact { definition, shown, ..Fact::default() };
            facts.insert(format!("table {schema}.{name}"), fact);
        }
        Definition::None => {}
        Definition::Hidden => return false,
    }
    true
}

fn by_catalogue(conn: &mut Conn, server: &Server, evidence: &mut Evidence) -> mysql::Result<()> {
    evidence.facts.clear();
    let runs = (server.database.clone(), RUN.to_owned());
    let Some(question) = question(&evidence.scope, &runs, server.flavour) else { return Ok(()) };
    let mut tables = Vec::new();
    for row in packet::ask(conn, &question)?.iter().flatten() {
        let (object, schema, name) = (packet::word(row, 0), packet::word(row, 1), packet::word(row, 2));
        let key = format!("{object} {schema}.{name}");
        let fact = Fact { definition: packet::word(row, 4), created: packet::word(row, 3), ..Fact::default() };
        if object == "table" && (&schema, &name) == (&runs.0, &runs.1) {
            evidence.journal.clone_from(&fact.created);
            if !evidence.scope.names.contains(&runs) {
                continue;
            }
        }
        if object == "table" {
            tables.push((schema, name, key.clone()));
        }
        evidence.facts.insert(key, fact);
    }
    for (schema, name, key) in &tables {
        let (definition, shown) = match definition(conn, schema, name)? {
            Definition::Of(definition, shown) => (definition, shown),
            Definition::None => ("gone".to_owned(), String::new()),
            Definition::Hidden => (HIDDEN.to_owned(), String::new()),
        };
        let fact = evidence.facts.get_mut(key).expect("just entered");
        (fact.definition, fact.shown) = (definition, shown);
    }
    if server.has_process && !tables.is_empty() {
        add_ids(conn, server.flavour, &tables, &mut evidence.facts)?;
    }
    Ok(())
}

/// One SELECT over all names, in every catalogue that the scope asks for, and of the table of the runs.
fn question(scope: &Scope, runs: &(String, String), flavour: Flavour) -> Option<String> {
    if scope.names.is_empty() {
        return None;
    }
    let mut tables = scope.names.clone();
    if !tables.contains(runs) {
        tables.push(runs.clone());
    }
    let wanted = [
        (scope.routines, &catalogue::ROUTINES),
        (scope.triggers, &catalogue::TRIGGERS),
        (scope.events, &catalogue::EVENTS),
        (scope.databases, &catalogue::DATABASES),
    ];
    let selects =
        wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, one)| one.select(&scope.names, flavour));
    let tables = std::iter::once(catalogue::TABLES.select(&tables, flavour));
    let all = tables.chain(selects).collect::<Vec<_>>().join(" UNION ALL ");
    Some(match flavour {
        Flavour::MariaDb => all,
        // A session may have asked for cached statistics; CREATE_TIME must be the table's own.
        Flavour::MySql => format!("SET SESSION information_schema_stats_expiry = 0; {all}"),
    })
}

/// What SHOW CREATE says.
enum Definition {
    /// Its digest, or the number of the error that stands in its place: a view whose tables are gone has none. And its text.
    Of(String, String),
    /// There is no such table.
    None,
    /// A temporary table of that name is in front of it.
    Hidden,
}

/// The definition without the AUTO_INCREMENT counter, which every INSERT moves.
fn definition(conn: &mut Conn, schema: &str, name: &str) -> mysql::Result<Definition> {
    let mut show = |what: &str| {
        let answer = packet::ask(conn, &format!("SHOW CREATE {what} {}", quote::table(schema, name)))?;
        Ok(answer[0].first().map(|row| packet::word(row, 1)).unwrap_or_default())
    };
    let shown = match show("TABLE") {
        Ok(text) if is_sequence(&text) => show("SEQUENCE"),
        shown => shown,
    };
    read(shown)
}

/// As a table it looks the same whatever it counts.
fn is_sequence(shown: &str) -> bool {
    shown.ends_with(" SEQUENCE=1")
}

fn read(shown: mysql::Result<String>) -> mysql::Result<Definition> {
    match shown {
        Ok(text) if text.starts_with("CREATE TEMPORARY ") => Ok(Definition::Hidden),
        Ok(text) => {
            let digest = crate::engine::journal::sha256(&without_counter(&text))[..16].to_owned();
            Ok(Definition::Of(digest, text))
        }
        Err(error) if error_code::is_no_such_table(&error) || error_code::is_no_database(&error) => {
            Ok(Definition::None)
        }
        // It says nothing of the table.
        Err(error)
            if error_code::is_locked_out(&error)
                || error_code::is_interrupted(&error)
                || error_code::is_connection_lost(&error) =>
        {
            Err(error)
        }
        Err(mysql::Error::MySqlError(error)) => Ok(Definition::Of(format!("error {}", error.code), String::new())),
        Err(error) => Err(error),
    }
}

fn without_counter(text: &str) -> String {
    // Among the options, in front of the comment, which may hold anything.
    let options = text.len() - quote::options(text).unwrap_or_default().len();
    let comment = text[options..].find(" COMMENT='").map_or(text.len(), |at| options + at);
    let Some(start) = text[options..comment].find(" AUTO_INCREMENT=").map(|at| options + at) else {
        return text.to_owned();
    };
    let end = text[start + 16..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| start + 16 + n);
    format!("{}{}", &text[..start], &text[end..])
}

fn add_ids(
    conn: &mut Conn,
    flavour: Flavour,
    tables: &[Table],
    facts: &mut BTreeMap<String, Fact>,
) -> mysql::Result<()> {
    let (view, id) = match flavour {
        Flavour::MariaDb => ("INNODB_SYS_TABLES", "TABLE_ID"),
        // INNODB_TABLES takes 13 s at 10,000 tables, even for one name.
        Flavour::MySql => ("INNODB_TABLESPACES_BRIEF", "SPACE"),
    };
    let files = file_names(conn, flavour, tables)?;
    let wanted: Vec<String> = files
        .iter()
        .flat_map(|name| {
            // A wildcard in the name finds too much, which is left out below.
            [format!("NAME = {}", quote::text(name)), format!("NAME LIKE {}", quote::text(&format!("{name}#%")))]
        })
        .collect();
    let question =
        format!("SELECT NAME, {id} FROM information_schema.{view} WHERE {} ORDER BY {id}", wanted.join(" OR "));
    for row in &packet::ask(conn, &question)?[0] {
        let found = packet::word(row, 0);
        // Partitions are `db/t#p#p0`, on MariaDB `db/t#P#p0`.
        let is_of = |file: &String| {
            found.strip_prefix(file.as_str()).is_some_and(|part| part.is_empty() || part.starts_with('#'))
        };
        let keys = tables.iter().zip(&files).filter(|(_, file)| is_of(file)).map(|((.., key), _)| key);
        for key in keys {
            facts.get_mut(key).expect("entered for every table").id.push_str(&format!("{},", packet::word(row, 1)));
        }
    }
    Ok(())
}

/// InnoDB on MariaDB names a table by its file, in a character set of its own; MySQL by its name.
fn file_names(conn: &mut Conn, flavour: Flavour, tables: &[Table]) -> mysql::Result<Vec<String>> {
    let is_plain = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if flavour == Flavour::MySql || tables.iter().all(|(schema, name, _)| is_plain(schema) && is_plain(name)) {
        return Ok(tables.iter().map(|(schema, name, _)| format!("{schema}/{name}")).collect());
    }
    let file = |name: &String| format!("CAST(CONVERT({} USING filename) AS BINARY)", quote::text(name));
    let columns = tables.iter().map(|(schema, name, _)| format!("SELECT {}, {}", file(schema), file(name)));
    let answer = packet::ask(conn, &columns.collect::<Vec<_>>().join(" UNION ALL "))?;
    Ok(answer[0].iter().map(|row| format!("{}/{}", packet::word(row, 0), packet::word(row, 1))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_no_part_of_a_definition() {
        let text = "CREATE TABLE `t` (\n  `a` int DEFAULT 1\n) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4";
        assert_eq!(without_counter(text), text.replace(" AUTO_INCREMENT=42", ""));
        assert_eq!(without_counter("CREATE TABLE t"), "CREATE TABLE t");
        let commented = format!("{text} COMMENT='was AUTO_INCREMENT=5 once'");
        assert_eq!(without_counter(&commented), commented.replace(" AUTO_INCREMENT=42", ""));
    }
}
