//! What of a database a statement can change: where to look before and behind it. Everything else is as it was, and need
//! not be read again.
//!
//! Only a statement that names an object changes its definition; what follows by itself (the foreign keys of others follow a
//! renamed table, triggers go with theirs) follows back in the same way, or is read along. What may hold anything (CALL,
//! EXECUTE) and what is not known touches everything.

use crate::schema::snapshot::{self, Snapshot};
use crate::script::lexer::Modes;
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::names;
use std::collections::BTreeSet;

/// What a script can change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touch {
    /// Nothing is known of it.
    pub everything: bool,
    /// Names that may be those of tables and views that are there.
    pub named: BTreeSet<String>,
    /// Names that may become those of tables and views.
    pub made: BTreeSet<String>,
    /// Triggers, also of tables that are not named.
    pub triggers: bool,
    /// Procedures, functions, packages.
    pub routines: bool,
    /// Events.
    pub events: bool,
    /// The database's own settings.
    pub database: bool,
}

impl Touch {
    /// What one statement can change.
    pub fn of(sql: &str, modes: Modes) -> Touch {
        match Kind::of(sql, modes) {
            // No statement of these changes a definition: functions and triggers that they run cannot.
            Kind::Dml | Kind::Session | Kind::Global | Kind::Transaction(_) | Kind::Lock => Touch::default(),
            Kind::Maintenance | Kind::LoadLocal => Touch::default(),
            Kind::Call => Touch { everything: true, ..Touch::default() },
            Kind::Ddl(ddl) => of_ddl(sql, modes, &ddl),
        }
    }

    /// Adds what another statement can change.
    pub fn add(&mut self, other: Touch) {
        self.everything |= other.everything;
        self.named.extend(other.named);
        self.made.extend(other.made);
        self.triggers |= other.triggers;
        self.routines |= other.routines;
        self.events |= other.events;
        self.database |= other.database;
    }

    /// The same, and whatever makes these tables and views again.
    pub fn making(mut self, snapshot: &Snapshot) -> Touch {
        let is_relation = |object: &&snapshot::Object| {
            use snapshot::Kind::{Sequence, Table, View};
            matches!(object.kind, Table | View | Sequence)
        };
        self.made.extend(snapshot.objects.keys().filter(is_relation).map(|object| object.name.clone()));
        self
    }

    /// True if no statement changes a definition.
    pub fn is_nothing(&self) -> bool {
        *self == Touch::default()
    }
}

fn of_ddl(sql: &str, modes: Modes, ddl: &Ddl) -> Touch {
    let all = || names(sql, modes).into_iter().map(|name| name.name).collect::<BTreeSet<String>>();
    let targets = || ddl.targets.iter().map(|name| name.name.clone()).collect::<BTreeSet<String>>();
    let is_known = matches!(ddl.verb.as_str(), "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE");
    match ddl.object {
        Object::User => Touch::default(),
        Object::Other => Touch { everything: true, ..Touch::default() },
        _ if !is_known => Touch { everything: true, ..Touch::default() },
        Object::Trigger => Touch { named: all(), triggers: true, ..Touch::default() },
        Object::Procedure | Object::Function | Object::Package | Object::PackageBody => {
            Touch { routines: true, ..Touch::default() }
        }
        Object::Event => Touch { events: true, ..Touch::default() },
        Object::Database => Touch { database: true, ..Touch::default() },
        Object::Table | Object::View | Object::Index | Object::Sequence => {
            let made = match ddl.verb.as_str() {
                "RENAME" => all(),
                _ if ddl.is_rename => all(),
                "CREATE" => targets(),
                _ => BTreeSet::new(),
            };
            Touch { named: all(), made, ..Touch::default() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_statements_touch() {
        let of = |sql: &str| Touch::of(sql, Modes::default());
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
        let create = of("CREATE TABLE a (x INT REFERENCES b (y))");
        assert_eq!((list(&create.named).as_str(), list(&create.made).as_str()), ("a b x y", "a"));
        let rename = of("RENAME TABLE a TO b, c TO d");
        assert_eq!(list(&rename.made), "a b c d");
        assert!(of("ALTER TABLE a ADD x INT").made.is_empty());
        assert_eq!(list(&of("ALTER TABLE a RENAME TO b").made), "a b");
        assert!(of("CALL p()").everything && of("EXECUTE s").everything && of("FROBNICATE x").everything);
        assert!(of("INSERT INTO a VALUES (1)").is_nothing() && of("GRANT SELECT ON a TO b").is_nothing());
        assert!(of("DROP TRIGGER t").triggers && of("CREATE FUNCTION f() RETURNS INT RETURN 1").routines);
        assert!(of("ALTER DATABASE CHARACTER SET utf8mb4").database && of("DROP EVENT e").events);
    }
}
