//! Where the servers list what is there: one SELECT for all names that a statement mentions.

use crate::db::flavour::Flavour;
use crate::db::quote;
use std::collections::BTreeMap;

/// A view of information_schema that lists one kind of object.
pub struct Catalogue {
    view: &'static str,
    /// SQL for the kind of object.
    object: &'static str,
    schema: &'static str,
    name: &'static str,
    /// SQL for the time at which the object was made or rebuilt; a part of the definition where it is exact.
    created: &'static str,
    /// What an object's definition consists of. Empty: SHOW CREATE tells.
    definition: &'static [&'static str],
}

/// Tables, views, and MariaDB's sequences.
pub const TABLES: Catalogue = Catalogue {
    view: "TABLES",
    object: "'table'",
    schema: "TABLE_SCHEMA",
    name: "TABLE_NAME",
    created: "CAST(CREATE_TIME AS CHAR)",
    definition: &[],
};

/// Procedures and functions.
pub const ROUTINES: Catalogue = Catalogue {
    view: "ROUTINES",
    object: "LOWER(ROUTINE_TYPE)",
    schema: "ROUTINE_SCHEMA",
    name: "ROUTINE_NAME",
    created: "''",
    definition: &[
        "LAST_ALTERED",
        "ROUTINE_DEFINITION",
        "DTD_IDENTIFIER",
        "SQL_MODE",
        "SECURITY_TYPE",
        "DEFINER",
        "ROUTINE_COMMENT",
    ],
};

/// Triggers.
pub const TRIGGERS: Catalogue = Catalogue {
    view: "TRIGGERS",
    object: "'trigger'",
    schema: "TRIGGER_SCHEMA",
    name: "TRIGGER_NAME",
    created: "''",
    definition: &[
        "CREATED",
        "EVENT_OBJECT_TABLE",
        "EVENT_MANIPULATION",
        "ACTION_TIMING",
        "ACTION_ORDER",
        "ACTION_STATEMENT",
        "SQL_MODE",
        "DEFINER",
    ],
};

/// Events.
pub const EVENTS: Catalogue = Catalogue {
    view: "EVENTS",
    object: "'event'",
    schema: "EVENT_SCHEMA",
    name: "EVENT_NAME",
    created: "''",
    definition: &[
        "LAST_ALTERED",
        "EVENT_DEFINITION",
        "STATUS",
        "EXECUTE_AT",
        "INTERVAL_VALUE",
        "INTERVAL_FIELD",
        "ON_COMPLETION",
        "EVENT_COMMENT",
    ],
};

/// Databases.
pub const DATABASES: Catalogue = Catalogue {
    view: "SCHEMATA",
    object: "'database'",
    schema: "SCHEMA_NAME",
    name: "SCHEMA_NAME",
    created: "''",
    definition: &["DEFAULT_CHARACTER_SET_NAME", "DEFAULT_COLLATION_NAME"],
};

impl Catalogue {
    /// Kind, schema, name, time and definition's digest of each object of these names that is there.
    pub fn select(&self, names: &[(String, String)], flavour: Flavour) -> String {
        let Catalogue { view, object, schema, name, created, .. } = self;
        let definition = self.digest();
        let select = |which: String| {
            format!(
                "SELECT {object}, {schema}, {name}, {created}, {definition} FROM information_schema.{view} WHERE {which}"
            )
        };
        conditions(schema, name, names, flavour).into_iter().map(select).collect::<Vec<_>>().join(" UNION ALL ")
    }

    fn digest(&self) -> String {
        if self.definition.is_empty() {
            return "''".to_owned();
        }
        let part = |column: &&str| format!("COALESCE(CAST({column} AS CHAR), '')");
        format!("SHA2(CONCAT_WS('|', {}), 256)", self.definition.iter().map(part).collect::<Vec<_>>().join(", "))
    }
}

/// A table that holds rows; MariaDB has a word of its own for one with versions of them.
pub const IS_TABLE: &str = "TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

/// MariaDB looks a table up by its exact name alone, and opens every table of the schema for a list of them (5.8 s at
/// 10,000); MySQL takes a list as quickly as one name, and 0.4 ms for each SELECT of a union.
pub fn conditions(schema: &str, name: &str, names: &[(String, String)], flavour: Flavour) -> Vec<String> {
    if schema == name {
        let list: Vec<String> = names.iter().map(|(_, name)| quote::text(name)).collect();
        return vec![format!("{name} IN ({})", list.join(", "))];
    }
    match flavour {
        Flavour::MariaDb => {
            let one =
                |(s, n): &(String, String)| format!("{schema} = {} AND {name} = {}", quote::text(s), quote::text(n));
            names.iter().map(one).collect()
        }
        Flavour::MySql => {
            let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for (own, name) in names {
                lists.entry(own).or_default().push(quote::text(name));
            }
            let one = |(s, list): (&str, Vec<String>)| {
                format!("{schema} = {} AND {name} IN ({})", quote::text(s), list.join(", "))
            };
            lists.into_iter().map(one).collect()
        }
    }
}
