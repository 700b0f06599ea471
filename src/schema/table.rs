//! Tables as values, as far as it takes to fill them and to copy them. Read by `db::inspect`.
//!
//! Whether two schemas are the same is asked of `snapshot`, whose definitions leave nothing out.

use std::collections::BTreeMap;

/// The base tables of one database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// By name.
    pub tables: BTreeMap<String, Table>,
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
    /// Names of the triggers that run when its rows change.
    pub triggers: Vec<String>,
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
    /// COLUMN_DEFAULT: on MariaDB SQL (`'a'`, `current_timestamp()`), on MySQL the bare value, or SQL where `extra` says
    /// DEFAULT_GENERATED. Nothing: no default, or on MySQL DEFAULT NULL.
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
