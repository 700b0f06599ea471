//! A schema as a value: everything of it that a way back must bring back, and nothing that differs harmlessly.
//!
//! Read by `db::inspect`. What counts, and what is left out (the AUTO_INCREMENT counter, the order of secondary keys, times of
//! creation), was found by experiment: docs/decisions/0007.

use std::collections::BTreeMap;

/// One database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Its default collation, which tells its character set as well.
    pub collation: String,
    /// Base tables, by name.
    pub tables: BTreeMap<String, Table>,
    /// Views, by name.
    pub views: BTreeMap<String, Code>,
    /// `PROCEDURE name` and `FUNCTION name`.
    pub routines: BTreeMap<String, Code>,
    /// Triggers, by name.
    pub triggers: BTreeMap<String, Trigger>,
    /// Events, by name.
    pub events: BTreeMap<String, Code>,
    /// MariaDB's sequences: name -> definition.
    pub sequences: BTreeMap<String, String>,
}

/// A base table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Storage engine.
    pub engine: String,
    /// Default collation.
    pub collation: String,
    /// Comment.
    pub comment: String,
    /// CREATE_OPTIONS, ROW_FORMAT: what was asked for beside the defaults.
    pub options: String,
    /// In their order: a column in another place is a difference.
    pub columns: Vec<Column>,
    /// By name; the primary key is `PRIMARY`. Their order does not count.
    pub indexes: BTreeMap<String, Index>,
    /// By the name of their constraint.
    pub foreign_keys: BTreeMap<String, ForeignKey>,
    /// CHECK constraints: name -> clause.
    pub checks: BTreeMap<String, String>,
    /// In their order; empty where the table has none.
    pub partitions: Vec<Partition>,
}

/// A column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// COLUMN_TYPE: `varchar(255)`, `enum('a','b')`, `int(10) unsigned`.
    pub kind: String,
    /// Whether it takes NULL.
    pub nullable: bool,
    /// COLUMN_DEFAULT; nothing means that it has none, which is not `DEFAULT NULL`.
    pub default: Option<String>,
    /// EXTRA: `auto_increment`, `on update current_timestamp()`, `VIRTUAL GENERATED`, `INVISIBLE`.
    pub extra: String,
    /// GENERATION_EXPRESSION of a generated column.
    pub generated: Option<String>,
    /// Collation of a column of text.
    pub collation: Option<String>,
    /// Comment.
    pub comment: String,
}

/// An index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// UNIQUE or PRIMARY.
    pub unique: bool,
    /// `BTREE`, `FULLTEXT`, `SPATIAL`, `HASH`.
    pub kind: String,
    /// Its parts, in their order.
    pub parts: Vec<IndexPart>,
    /// False for INVISIBLE (MySQL) and IGNORED (MariaDB).
    pub visible: bool,
    /// Comment.
    pub comment: String,
}

/// A part of an index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IndexPart {
    /// The column, or the expression in parentheses.
    pub column: String,
    /// How much of the column, where it is not all of it.
    pub length: Option<u64>,
    /// Descending.
    pub descending: bool,
}

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its columns, in their order.
    pub columns: Vec<String>,
    /// The database of the table it points to, where it is another one.
    pub target_schema: Option<String>,
    /// The table it points to.
    pub target: String,
    /// The columns it points to.
    pub target_columns: Vec<String>,
    /// ON UPDATE.
    pub on_update: String,
    /// ON DELETE.
    pub on_delete: String,
}

/// A partition, or a subpartition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partition {
    /// Its name.
    pub name: String,
    /// Method, expression and limit, of partition and subpartition: `RANGE (id) LESS THAN 10`.
    pub rule: String,
}

/// What runs or is expanded later: a view, a routine, an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Code {
    /// The statement that makes it, with DEFINER and SQL SECURITY.
    pub definition: String,
    /// The sql_mode that it was made under; empty for views.
    pub sql_mode: String,
    /// character_set_client and collation_connection that it was made under.
    pub collation: String,
}

/// A trigger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trigger {
    /// Its table.
    pub table: String,
    /// `BEFORE INSERT`, and its place among those of the same moment.
    pub moment: String,
    /// The rest.
    pub code: Code,
}
