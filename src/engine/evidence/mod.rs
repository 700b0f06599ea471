//! What the objects that a statement names look like: taken before it runs and kept with its intent, compared after a
//! crash or an error. No DDL is parsed: every identifier of the statement is looked up in the catalogue.
//!
//! What changes for which statement, and what does not, was found by experiment: docs/decisions/0005.

mod capture;

pub use capture::{When, by_answer, capture, question_alone};

use crate::db::flavour::Flavour;
use crate::db::gtid::{Executed, Since};
use crate::db::quote;
use crate::db::server::Server;
use crate::schema::redefine;
use crate::script::lexer::Modes;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::{Name, names};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where to look: every name in the statement, and which catalogues beside that of the tables. Where the effect shows in
/// known tables, these are enough, and so are their definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    names: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "is_false")]
    routines: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    triggers: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    events: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    databases: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    shown_only: bool,
    /// The default database, of a statement that is no DDL: what it runs may name more than it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub schema: String,
}

impl Scope {
    /// Whether each of its names is among these, which are read with this default database.
    pub fn is_among(&self, names: &[Name], schema: &str) -> bool {
        let is = |name: &Name, own: &(String, String)| {
            own.0 == name.schema.as_deref().unwrap_or(schema) && own.1 == name.name
        };
        self.names.iter().all(|own| names.iter().any(|name| is(name, own)))
    }

    /// The scope of a statement that runs with this default database.
    pub fn of(text: &str, modes: Modes, schema: &str, server: &Server, ddl: Option<&Ddl>) -> Scope {
        let qualified = |name: Name| (name.schema.unwrap_or_else(|| schema.to_owned()), name.name);
        // Where the server folds names, only the catalogue says how it spells one.
        if let Some(ddl) = ddl.filter(|ddl| !ddl.shows_in.is_empty() && !server.folds_names) {
            let names = ddl.shows_in.iter().cloned().map(qualified).collect();
            return Scope { names, shown_only: true, ..Scope::default() };
        }
        let is = |object: Object| ddl.is_some_and(|ddl| ddl.object == object);
        Scope {
            names: names(text, modes).into_iter().map(qualified).collect(),
            routines: is(Object::Procedure) || is(Object::Function),
            triggers: is(Object::Trigger),
            events: is(Object::Event),
            databases: is(Object::Database),
            shown_only: false,
            schema: if ddl.is_some() { String::new() } else { schema.to_owned() },
        }
    }
}

/// One object as it was found. What has no value here could not be read or does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its definition, as a digest.
    definition: String,
    /// The same as the server shows it, where it is a table: for as long as the statement has not run.
    #[serde(skip)]
    shown: String,
    /// InnoDB's ids: they change when the table is rebuilt, truncated or swapped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    id: String,
    /// CREATE_TIME of a table, to the second.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    created: String,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The definition of a table that a temporary one hides.
const HIDDEN: &str = "hidden by a temporary table";

/// The objects of a scope that are there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where was looked.
    pub scope: Scope,
    /// Whether InnoDB's ids could be read.
    pub has_ids: bool,
    /// What is executed under uturn's GTID tag: now, or, of an older uturn, before the intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtid: Option<Executed>,
    /// What was when the intent was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// `table schema.name` -> what was found.
    pub facts: BTreeMap<String, Fact>,
    /// CREATE_TIME of the table of the runs: another one where a dump was loaded. Empty where definitions alone were read.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    journal: String,
}

impl Evidence {
    /// As it is kept in the journal.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("plain values have a JSON form")
    }

    /// As an expression of SQL, in which the server says what it has executed by then.
    pub fn to_sql(&self, server: &Server) -> String {
        let json = self.to_json();
        match (&server.gtid_tag, json.strip_suffix('}')) {
            (Some(tag), Some(open)) => {
                let open = quote::text(&format!("{open},\"since\":"));
                format!("CONCAT({open}, {}, '}}')", Since::expression(tag))
            }
            _ => quote::text(&json),
        }
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
        let now = now.gtid.as_ref()?;
        match &self.since {
            Some(since) => since.went_on(now),
            None => self.gtid.as_ref()?.went_on(now),
        }
    }

    /// Whether what was before was seen on another server, by the identity of MySQL's.
    pub fn is_of_another_server(&self, now: &Evidence) -> bool {
        let before = self.since.as_ref().map(Since::server).or(self.gtid.as_ref().map(Executed::server));
        let now = now.gtid.as_ref().map(Executed::server);
        before.is_some() && now.is_some() && before != now
    }

    /// Whether the journal that holds this is not the one that it was written into: a dump was loaded since. Not known of what
    /// holds definitions alone, and of what an older uturn has written.
    pub fn is_of_another_journal(&self, now: &Evidence) -> bool {
        !self.journal.is_empty() && self.journal != now.journal
    }

    /// What the server has executed since tells nothing of what a dump has brought.
    pub fn forget_gtids(&mut self) {
        (self.since, self.gtid) = (None, None);
    }

    /// Another server, or one that a dump was loaded into, has ids and times of its own: only definitions can be compared.
    pub fn forget_ids(&mut self) {
        self.has_ids = false;
        for fact in self.facts.values_mut() {
            fact.id.clear();
            fact.created.clear();
        }
    }

    /// Whether a table's id is not known: without the right to read it, or because it is no table of InnoDB.
    fn lacks_ids(&self) -> bool {
        let has_none = |(_, fact): (&String, &Fact)| fact.id.is_empty() && !fact.created.is_empty();
        !self.has_ids || self.facts.iter().any(has_none)
    }

    /// What SHOW CREATE said of a table.
    fn shown(&self, table: &Name, schema: &str) -> Option<&str> {
        let key = format!("table {}.{}", table.schema.as_deref().unwrap_or(schema), table.name);
        self.facts.get(&key).map(|fact| fact.shown.as_str())
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
        Some(true) if let Some(left) = still_there(now, ddl) => {
            return Verdict::Unknown(format!("the server has a GTID for it, or for a part of it; still there: {left}"));
        }
        Some(true) => return Verdict::Done("the server has a GTID for it".to_owned()),
        Some(false) if is_logged(ddl) => {
            let changed = before.difference(now);
            return match changed.is_empty() {
                true => Verdict::NotDone("the server has no GTID for it".to_owned()),
                // A server may not log what is done to a database (binlog_ignore_db).
                false => Verdict::Unknown(format!("the server has no GTID for it, but {} changed", changed.join(", "))),
            };
        }
        Some(false) | None => {}
    }
    if before.facts.values().any(|fact| fact.definition == HIDDEN) {
        return Verdict::Unknown("a temporary table hid one of that name, and is gone".to_owned());
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
    let is_target = |key: &str| ddl.targets.iter().any(|target| key.ends_with(&format!(".{}", target.name)));
    if may_vanish(ddl, text) && !now.facts.keys().any(|key| key.starts_with("event ") && is_target(key)) {
        let why = "an event that runs once and is gone looks like one that was never made";
        return Verdict::Unknown(why.to_owned());
    }
    if restarts(ddl, text) {
        let why = "only the next value of the sequence would tell, and whoever takes a value changes that";
        return Verdict::Unknown(why.to_owned());
    }
    if is_repeatable(ddl) && !may_swap(ddl, text) && !keeps_the_old(text) {
        return Verdict::NotDone("nothing it names has changed, and running it twice is running it once".to_owned());
    }
    if needs_ids(ddl, text) && !now.has_ids {
        return Verdict::Unknown(
            "without the right PROCESS, or on another server, InnoDB's ids tell nothing, and nothing else does"
                .to_owned(),
        );
    }
    if needs_ids(ddl, text) && now.lacks_ids() {
        return Verdict::Unknown("it names a table that has no id of InnoDB, and nothing else tells".to_owned());
    }
    if is_visible(ddl) {
        return Verdict::NotDone("nothing it names has changed since the intent".to_owned());
    }
    Verdict::Unknown("it cannot be verified afterwards".to_owned())
}

/// Whether an error may come behind a part of its effect, of which nothing tells: MariaDB drops the tables of a database one
/// by one, and does a list of accounts so.
pub fn may_be_half_done(ddl: &Ddl, flavour: Flavour) -> bool {
    let drops_all = ddl.object == Object::Database && ddl.verb == "DROP";
    flavour == Flavour::MariaDb && (drops_all || ddl.object == Object::User && ddl.multi_object)
}

/// Whether nothing tells what became of a statement, wherever it is cut: neither the objects that it names, nor a GTID.
/// Such a one is told before anything runs.
pub fn leaves_no_trace(ddl: &Ddl, text: &str, server: &Server) -> bool {
    let is_proven = server.gtid_tag.is_some() && is_logged(ddl);
    !is_proven && !is_repeatable(ddl) && (restarts(ddl, text) || !is_visible(ddl))
}

/// An event whose time is over is dropped by the server, but for ON COMPLETION PRESERVE.
fn may_vanish(ddl: &Ddl, text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |sought: &[&str]| words.windows(sought.len()).any(|some| some == sought);
    let is_kept = has(&["COMPLETION", "PRESERVE"]);
    ddl.object == Object::Event && ddl.verb != "DROP" && (has(&["AT"]) || has(&["ENDS"])) && !is_kept
}

/// Only the next value would tell, and whoever takes one changes that.
fn restarts(ddl: &Ddl, text: &str) -> bool {
    ddl.object == Object::Sequence && text.to_ascii_uppercase().contains("RESTART")
}

/// Whether CREATE_TIME alone may tell: of an ALTER that drops and adds, which can leave definition and ids as they were, or
/// rebuilds, where the ids cannot be read. Not where what it brings back is another one than it drops.
pub fn needs_created(ddl: &Ddl, before: &Evidence, (text, modes): (&str, Modes), schema: &str) -> bool {
    let may_rebuild = ddl.verb == "ALTER" && ddl.object == Object::Table && ddl.shows_in.is_empty();
    let may_stay = ddl.drops_and_adds || may_rebuild && !ddl.redefines && before.lacks_ids();
    let shown = || ddl.targets.first().and_then(|table| before.shown(table, schema));
    may_stay && !shown().is_some_and(|shown| redefine::here(text, modes, shown))
}

/// The server gives it a GTID. CREATE SERVER, INSTALL PLUGIN and the like are not written to the binary log.
fn is_logged(ddl: &Ddl) -> bool {
    is_visible(ddl) || ddl.object == Object::User
}

/// Running it twice is running it once, where it changes nothing that can be seen. A second REVOKE is an error.
fn is_repeatable(ddl: &Ddl) -> bool {
    let is_grant = matches!(ddl.verb.as_str(), "GRANT" | "FLUSH" | "ANALYZE" | "SET");
    ddl.if_exists || ddl.if_not_exists || is_grant || (ddl.or_replace && ddl.object != Object::Table)
}

/// Statements that leave every definition as it was, so that only InnoDB's ids tell. A single rename makes a name and takes one
/// away; several may swap.
fn needs_ids(ddl: &Ddl, text: &str) -> bool {
    let is_of_partitions = ddl.verb == "ALTER" && text.to_ascii_uppercase().contains("PARTITION");
    ddl.verb == "TRUNCATE" || may_swap(ddl, text) || is_of_partitions
}

/// A second time the password that it keeps beside the new one is the new one.
fn keeps_the_old(text: &str) -> bool {
    text.to_ascii_uppercase().contains("RETAIN")
}

/// A second time brings it back, whatever IF EXISTS says.
fn may_swap(ddl: &Ddl, text: &str) -> bool {
    ddl.is_rename && text.contains(',') || ddl.verb == "ALTER" && text.to_ascii_uppercase().contains("EXCHANGE")
}

/// Its effect would stand in the catalogue.
pub fn is_visible(ddl: &Ddl) -> bool {
    let in_catalogue = match ddl.object {
        Object::Table | Object::View | Object::Procedure | Object::Function | Object::Trigger | Object::Event => true,
        Object::Database | Object::Index | Object::Sequence => true,
        Object::User | Object::Package | Object::PackageBody | Object::Other => false,
    };
    in_catalogue && matches!(ddl.verb.as_str(), "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE")
}

/// MariaDB's CREATE OR REPLACE TABLE drops first, as that of a sequence or a database does; a crash can come in between.
fn is_replaced_away(now: &Evidence, ddl: &Ddl, changed: &[String]) -> bool {
    ddl.or_replace && !changed.is_empty() && changed.iter().all(|name| !now.facts.contains_key(name))
}

/// What a DROP of several has left. MySQL gives each table without transactions a GTID, and the others one.
fn still_there(now: &Evidence, ddl: &Ddl) -> Option<String> {
    let is_of_several = ddl.verb == "DROP" && (ddl.multi_object || ddl.object == Object::Database);
    // A view in a list of tables is passed over.
    let kind = match ddl.object {
        Object::Database => "database ",
        Object::View => "view ",
        _ => "table ",
    };
    let is_left = |key: &&String| key.starts_with(kind);
    let left: Vec<&str> = now.facts.keys().filter(is_left).map(String::as_str).collect();
    (is_of_several && !left.is_empty()).then(|| left.join(", "))
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
