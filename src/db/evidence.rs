//! What the objects that a statement names look like: taken before it runs and kept with its intent, compared after a
//! crash or an error. No DDL is parsed: every identifier of the statement is looked up in the catalogue.
//!
//! What changes for which statement, and what does not, was found by experiment: docs/decisions/0005.

use crate::db::catalogue;
use crate::db::gtid::{self, Executed};
use crate::db::send;
use crate::db::server::{Flavour, Server};
use crate::db::sql;
use crate::model::ddl::{Ddl, Object};
use crate::model::lexer::Modes;
use crate::model::names::names;
use mysql::Conn;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where to look: every name in the statement, and which catalogues beside that of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    names: Vec<(String, String)>,
    routines: bool,
    triggers: bool,
    events: bool,
    databases: bool,
}

impl Scope {
    /// The scope of a statement that runs with this default database.
    pub fn of(text: &str, modes: Modes, schema: &str, ddl: Option<&Ddl>) -> Scope {
        let is = |object: Object| ddl.is_some_and(|ddl| ddl.object == object);
        let names = names(text, modes)
            .into_iter()
            .map(|name| (name.schema.unwrap_or_else(|| schema.to_owned()), name.name))
            .collect();
        Scope {
            names,
            routines: is(Object::Procedure) || is(Object::Function),
            triggers: is(Object::Trigger),
            events: is(Object::Event),
            databases: is(Object::Database),
        }
    }

    /// Where a name without a schema was looked up.
    pub fn schema_of(&self, name: &str) -> Option<String> {
        self.names.iter().find(|(_, own)| own == name).map(|(schema, _)| schema.clone())
    }
}

/// One object as it was found. What has no value here could not be read or does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its definition, as a digest.
    definition: String,
    /// InnoDB's ids: they change when the table is rebuilt, truncated or swapped.
    id: String,
    /// CREATE_TIME of a table, to the second.
    created: String,
}

/// The objects of a scope that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where was looked.
    pub scope: Scope,
    /// Whether InnoDB's ids could be read.
    pub has_ids: bool,
    /// What is executed under uturn's GTID tag.
    pub gtid: Option<Executed>,
    /// `table schema.name` -> what was found.
    pub facts: BTreeMap<String, Fact>,
}

impl Evidence {
    /// As it is kept in the journal.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain values have a JSON form")
    }

    /// As it was kept.
    pub fn from_json(text: &str) -> Option<Evidence> {
        serde_json::from_str(text).ok()
    }

    /// What each object was before the first of several statements that name it.
    pub fn earliest(each: impl IntoIterator<Item = Evidence>) -> Evidence {
        let mut all = Evidence::default();
        for evidence in each {
            let is_new = |name: &(String, String)| !all.scope.names.contains(name);
            let names: Vec<(String, String)> = evidence.scope.names.into_iter().filter(is_new).collect();
            let ends: Vec<String> = names.iter().map(|(schema, name)| format!(" {schema}.{name}")).collect();
            all.facts.extend(
                evidence.facts.into_iter().filter(|(key, _)| ends.iter().any(|end| key.ends_with(end.as_str()))),
            );
            all.scope.names.extend(names);
            all.scope.routines |= evidence.scope.routines;
            all.scope.triggers |= evidence.scope.triggers;
            all.scope.events |= evidence.scope.events;
            all.scope.databases |= evidence.scope.databases;
        }
        all
    }

    /// The objects whose definition or identity is not the same, by name: what was there before, or is there now.
    pub fn difference(&self, now: &Evidence) -> Vec<String> {
        let strong = |fact: Option<&Fact>| fact.map(|f| (f.definition.clone(), f.id.clone()));
        let mut names: Vec<&String> = self.facts.keys().chain(now.facts.keys()).collect();
        names.sort();
        names.dedup();
        names.into_iter().filter(|n| strong(self.facts.get(*n)) != strong(now.facts.get(*n))).cloned().collect()
    }

    /// The objects whose definition is not the same. After there and back an id is a new one and no difference.
    pub fn redefined(&self, now: &Evidence) -> Vec<String> {
        let definition = |evidence: &Evidence, name: &str| evidence.facts.get(name).map(|f| f.definition.clone());
        self.difference(now).into_iter().filter(|n| definition(self, n) != definition(now, n)).collect()
    }

    /// Whether the server has committed something under uturn's tag since, where that is known.
    pub fn proof(&self, now: &Evidence) -> Option<bool> {
        self.gtid.as_ref()?.went_on(now.gtid.as_ref()?)
    }

    /// Whether a table's id is not known: without the right to read it, or because it is no table of InnoDB.
    fn lacks_ids(&self) -> bool {
        let has_none = |(_, fact): (&String, &Fact)| fact.id.is_empty() && !fact.created.is_empty();
        !self.has_ids || self.facts.iter().any(has_none)
    }

    /// Whether one of the tables was made or rebuilt in this very second, `2026-01-28 10:00:00`, or later.
    pub fn is_from(&self, second: &str) -> bool {
        self.facts.values().any(|fact| fact.created.as_str() >= second)
    }

    fn touched(&self, now: &Evidence) -> Vec<String> {
        self.facts
            .iter()
            .filter(|(name, fact)| now.facts.get(*name).is_some_and(|f| f.created != fact.created))
            .map(|(name, _)| name.clone())
            .collect()
    }
}

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It took effect; how that is known.
    Done(String),
    /// It had no effect, or having it again changes nothing; how that is known.
    NotDone(String),
    /// Part of it took effect: these tables, or views, of its list are still there, each with its schema.
    Partly(Vec<(String, String)>),
    /// It cannot be known; why.
    Unknown(String),
}

/// Compares the objects before a DDL statement with those now. Nobody else must have changed them in between.
pub fn judge(before: &Evidence, now: &Evidence, ddl: &Ddl, text: &str, flavour: Flavour) -> Verdict {
    match before.proof(now) {
        Some(true) => return Verdict::Done("the server has a GTID for it".to_owned()),
        Some(false) if is_logged(ddl) => return Verdict::NotDone("the server has no GTID for it".to_owned()),
        Some(false) | None => {}
    }
    let changed = before.difference(now);
    if is_replaced_away(now, ddl, &changed) {
        return Verdict::NotDone("the table it replaces is gone, and the new one is not there yet".to_owned());
    }
    if !changed.is_empty() {
        return match partly_dropped(before, now, ddl, flavour) {
            Some(left) => Verdict::Partly(left),
            None => Verdict::Done(format!("{} changed since the intent", changed.join(", "))),
        };
    }
    // MariaDB: a reverted RENAME of several tables changes CREATE_TIME, which is the file's ctime.
    let touched = before.touched(now);
    if !ddl.is_rename && !touched.is_empty() {
        return Verdict::Done(format!("{} was rebuilt since the intent", touched.join(", ")));
    }
    if ddl.object == Object::Sequence && text.to_ascii_uppercase().contains("RESTART") {
        let why = "only the next value of the sequence would tell, and whoever takes a value changes that";
        return Verdict::Unknown(why.to_owned());
    }
    if is_repeatable(ddl) {
        return Verdict::NotDone("nothing it names has changed, and running it twice is running it once".to_owned());
    }
    if needs_ids(ddl, text) && !now.has_ids {
        return Verdict::Unknown(
            "without the right PROCESS, InnoDB's ids cannot be read, and nothing else tells".to_owned(),
        );
    }
    if needs_ids(ddl, text) && now.lacks_ids() {
        return Verdict::Unknown("it names a table that has no id of InnoDB, and nothing else tells".to_owned());
    }
    if is_visible(ddl) {
        return Verdict::NotDone("nothing it names has changed since the intent".to_owned());
    }
    Verdict::Unknown("it leaves no trace that could be looked up".to_owned())
}

/// The server gives it a GTID. CREATE SERVER, INSTALL PLUGIN and the like are not written to the binary log.
fn is_logged(ddl: &Ddl) -> bool {
    is_visible(ddl) || ddl.object == Object::User
}

/// Running it twice is running it once, where it changes nothing that can be seen.
fn is_repeatable(ddl: &Ddl) -> bool {
    let is_grant = matches!(ddl.verb.as_str(), "GRANT" | "REVOKE" | "FLUSH" | "ANALYZE" | "SET");
    ddl.if_exists || ddl.if_not_exists || is_grant || (ddl.or_replace && ddl.object != Object::Table)
}

/// Statements that leave every definition as it was, so that only InnoDB's ids tell. A single rename makes a name and takes one
/// away; several may swap.
fn needs_ids(ddl: &Ddl, text: &str) -> bool {
    let may_swap = ddl.is_rename && text.contains(',');
    ddl.verb == "TRUNCATE" || may_swap || (ddl.verb == "ALTER" && text.to_ascii_uppercase().contains("PARTITION"))
}

/// Its effect would stand in the catalogue.
fn is_visible(ddl: &Ddl) -> bool {
    let in_catalogue = match ddl.object {
        Object::Table | Object::View | Object::Procedure | Object::Function | Object::Trigger | Object::Event => true,
        Object::Database | Object::Index | Object::Sequence => true,
        Object::User | Object::Other => false,
    };
    in_catalogue && matches!(ddl.verb.as_str(), "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE")
}

/// MariaDB's CREATE OR REPLACE TABLE drops first; a crash can come in between.
fn is_replaced_away(now: &Evidence, ddl: &Ddl, changed: &[String]) -> bool {
    ddl.or_replace
        && ddl.object == Object::Table
        && !changed.is_empty()
        && changed.iter().all(|name| !now.facts.contains_key(name))
}

/// MariaDB drops the objects of a list one by one, and a crash can come in between. MySQL's are atomic.
fn partly_dropped(before: &Evidence, now: &Evidence, ddl: &Ddl, flavour: Flavour) -> Option<Vec<(String, String)>> {
    if flavour == Flavour::MySql || !ddl.multi_object {
        return None;
    }
    let is_target = |(schema, name): &&(String, String)| {
        ddl.targets.iter().any(|target| target.name == *name && target.schema.as_ref().is_none_or(|s| s == schema))
    };
    let is_left = |(schema, name): &&(String, String)| {
        let key = format!("table {schema}.{name}");
        before.facts.contains_key(&key) && now.facts.contains_key(&key)
    };
    let left: Vec<_> = before.scope.names.iter().filter(is_target).filter(is_left).cloned().collect();
    (!left.is_empty()).then_some(left)
}

/// Looks the scope up: one round trip for what is there, one for its definitions, one for its ids.
pub fn capture(conn: &mut Conn, server: &Server, scope: Scope) -> mysql::Result<Evidence> {
    let mut evidence =
        Evidence { scope, has_ids: server.has_process, gtid: executed(conn, server)?, facts: BTreeMap::new() };
    let Some(question) = question(&evidence.scope, server.flavour) else { return Ok(evidence) };
    let found = send::ask(conn, &question)?;
    let mut tables = Vec::new();
    for row in found.iter().flatten() {
        let (object, schema, name) = (send::word(row, 0), send::word(row, 1), send::word(row, 2));
        let key = format!("{object} {schema}.{name}");
        let fact = Fact { definition: send::word(row, 4), id: String::new(), created: send::word(row, 3) };
        if object == "table" {
            tables.push((schema, name, key.clone()));
        }
        evidence.facts.insert(key, fact);
    }
    for (schema, name, key) in &tables {
        let definition = definition(conn, schema, name)?;
        evidence.facts.get_mut(key).expect("just entered").definition = definition;
    }
    if server.has_process && !tables.is_empty() {
        add_ids(conn, server.flavour, &tables, &mut evidence.facts)?;
    }
    Ok(evidence)
}

fn executed(conn: &mut Conn, server: &Server) -> mysql::Result<Option<Executed>> {
    let Some(tag) = &server.gtid_tag else { return Ok(None) };
    let answer = send::ask(conn, gtid::QUESTION)?;
    Ok(answer[0].first().map(|row| Executed::under(tag, &send::word(row, 0), &send::word(row, 1))))
}

/// One SELECT over all names, in every catalogue that the scope asks for.
fn question(scope: &Scope, flavour: Flavour) -> Option<String> {
    if scope.names.is_empty() {
        return None;
    }
    let wanted = [
        (true, &catalogue::TABLES),
        (scope.routines, &catalogue::ROUTINES),
        (scope.triggers, &catalogue::TRIGGERS),
        (scope.events, &catalogue::EVENTS),
        (scope.databases, &catalogue::DATABASES),
    ];
    let selects =
        wanted.into_iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, one)| one.select(&scope.names, flavour));
    let all = selects.collect::<Vec<_>>().join(" UNION ALL ");
    Some(match flavour {
        Flavour::MariaDb => all,
        // A session may have asked for cached statistics; CREATE_TIME must be the table's own.
        Flavour::MySql => format!("SET SESSION information_schema_stats_expiry = 0; {all}"),
    })
}

/// SHOW CREATE without the AUTO_INCREMENT counter, which every INSERT moves. A view whose tables are gone has none.
fn definition(conn: &mut Conn, schema: &str, name: &str) -> mysql::Result<String> {
    let text = show_create(conn, "TABLE", schema, name).and_then(|text| match text.ends_with(" SEQUENCE=1") {
        // As a table it looks the same whatever it counts.
        true => show_create(conn, "SEQUENCE", schema, name),
        false => Ok(text),
    });
    match text {
        Ok(text) => Ok(crate::db::journal::sha256(&without_counter(&text))[..16].to_owned()),
        Err(mysql::Error::MySqlError(error)) => Ok(format!("error {}", error.code)),
        Err(error) => Err(error),
    }
}

fn show_create(conn: &mut Conn, what: &str, schema: &str, name: &str) -> mysql::Result<String> {
    let sets = send::ask(conn, &format!("SHOW CREATE {what} {}", sql::table(schema, name)))?;
    Ok(sets.first().and_then(|rows| rows.first()).map(|row| send::word(row, 1)).unwrap_or_default())
}

fn without_counter(text: &str) -> String {
    let Some(start) = text.rfind(" AUTO_INCREMENT=") else { return text.to_owned() };
    let end = text[start + 16..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| start + 16 + n);
    format!("{}{}", &text[..start], &text[end..])
}

fn add_ids(
    conn: &mut Conn,
    flavour: Flavour,
    tables: &[(String, String, String)],
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
            [format!("NAME = {}", sql::text(name)), format!("NAME LIKE {}", sql::text(&format!("{name}#%")))]
        })
        .collect();
    let question =
        format!("SELECT NAME, {id} FROM information_schema.{view} WHERE {} ORDER BY {id}", wanted.join(" OR "));
    for row in &send::ask(conn, &question)?[0] {
        let found = send::word(row, 0);
        // Partitions are `db/t#p#p0`, on MariaDB `db/t#P#p0`.
        let is_of = |file: &String| {
            found.strip_prefix(file.as_str()).is_some_and(|part| part.is_empty() || part.starts_with('#'))
        };
        let keys = tables.iter().zip(&files).filter(|(_, file)| is_of(file)).map(|((.., key), _)| key);
        for key in keys {
            facts.get_mut(key).expect("entered for every table").id.push_str(&format!("{},", send::word(row, 1)));
        }
    }
    Ok(())
}

/// InnoDB on MariaDB names a table by its file, in a character set of its own; MySQL by its name.
fn file_names(conn: &mut Conn, flavour: Flavour, tables: &[(String, String, String)]) -> mysql::Result<Vec<String>> {
    let is_plain = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if flavour == Flavour::MySql || tables.iter().all(|(schema, name, _)| is_plain(schema) && is_plain(name)) {
        return Ok(tables.iter().map(|(schema, name, _)| format!("{schema}/{name}")).collect());
    }
    let file = |name: &String| format!("CAST(CONVERT({} USING filename) AS BINARY)", sql::text(name));
    let columns = tables.iter().map(|(schema, name, _)| format!("SELECT {}, {}", file(schema), file(name)));
    let answer = send::ask(conn, &columns.collect::<Vec<_>>().join(" UNION ALL "))?;
    Ok(answer[0].iter().map(|row| format!("{}/{}", send::word(row, 0), send::word(row, 1))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_is_no_part_of_a_definition() {
        let text = "CREATE TABLE `t` (\n  `a` int DEFAULT 1\n) ENGINE=InnoDB AUTO_INCREMENT=42 DEFAULT CHARSET=utf8mb4";
        assert_eq!(without_counter(text), text.replace(" AUTO_INCREMENT=42", ""));
        assert_eq!(without_counter("CREATE TABLE t"), "CREATE TABLE t");
    }
}
