//! What a statement is, as values: one variant for each statement and clause that uturn acts on, `Other` for the rest.

use crate::statement::cursor::Span;
pub(crate) use crate::statement::identifier::{Guard, Ident, Name};

/// What a statement is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form<'a> {
    CreateTable(CreateTable<'a>),
    AlterTable(AlterTable<'a>),
    DropTable(DropTable<'a>),
    RenameTables(RenameTables<'a>),
    Truncate(Name<'a>),
    CreateIndex(CreateIndex<'a>),
    DropIndex(DropIndex<'a>),
    /// CREATE, ALTER, DROP and RENAME of everything else; also of a table that has no name where one must be.
    Object(ObjectStatement<'a>),
    /// GRANT, REVOKE, SET PASSWORD, SET DEFAULT ROLE.
    Rights,
    Set(Vec<Assignment<'a>>),
    /// MariaDB: `SET STATEMENT a = 1 FOR …`; the tokens of the statement that it runs.
    SetStatement(Span),
    /// USE; as CALL and others it has no name where one is missing.
    Use(Option<Ident<'a>>),
    Dml(Dml<'a>),
    Load(Load<'a>),
    Call(Option<Name<'a>>),
    /// EXECUTE of a prepared statement; none for EXECUTE IMMEDIATE.
    Execute(Option<Ident<'a>>),
    Prepare(Option<Ident<'a>>),
    /// DEALLOCATE PREPARE, DROP PREPARE.
    Deallocate(Option<Ident<'a>>),
    /// BEGIN NOT ATOMIC, IF, CASE, LOOP, WHILE, REPEAT, FOR.
    Compound,
    Transaction(Transaction),
    /// LOCK, UNLOCK, HANDLER, and FLUSH that keeps a lock.
    Lock,
    Maintenance(Maintenance<'a>),
    /// SHOW, DESCRIBE, EXPLAIN, HELP.
    Show,
    /// GET DIAGNOSTICS.
    Diagnostics,
    /// Nothing that is known here; what a statement of it does is not known either.
    Other,
}

/// What a transaction statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are called as the statements are")]
pub enum Transaction {
    /// BEGIN and START TRANSACTION.
    Begin,
    Commit,
    /// The next one begins at once.
    CommitAndChain,
    /// Also ROLLBACK TO SAVEPOINT.
    Rollback,
    Savepoint,
    Release,
    Xa,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CreateTable<'a> {
    pub(crate) or_replace: bool,
    pub(crate) is_temporary: bool,
    pub(crate) guard: Guard,
    pub(crate) table: Name<'a>,
    pub(crate) elements: Vec<Element<'a>>,
    pub(crate) options: Vec<TableOption<'a>>,
    /// PARTITION BY and all that follows it.
    pub(crate) partitions: Option<Span>,
    pub(crate) source: Source<'a>,
}

/// Where the columns or rows of a new table come from, beside its own list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source<'a> {
    None,
    Like(Option<Name<'a>>),
    /// SELECT, TABLE, VALUES, with their WITH; to the end of the statement.
    Query(Span),
}

/// What is in the parentheses of CREATE TABLE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Element<'a> {
    Column(ColumnDefinition<'a>),
    Key(KeyDefinition<'a>),
    /// PERIOD FOR …
    Period,
    Other(Span),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnDefinition<'a> {
    pub(crate) name: Ident<'a>,
    /// The tokens after the name: type and attributes.
    pub(crate) definition: Span,
    pub(crate) place: Place<'a>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Unsaid,
    First,
    After(Ident<'a>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyDefinition<'a> {
    pub(crate) kind: KeyKind,
    /// Of the constraint.
    pub(crate) constraint: Option<Ident<'a>>,
    /// Of the index.
    pub(crate) name: Option<Ident<'a>>,
    /// `IF NOT EXISTS`, after CONSTRAINT or after the kind.
    pub(crate) guard: Guard,
    pub(crate) columns: Vec<Ident<'a>>,
    /// What is in its first parentheses: columns, or an expression.
    pub(crate) inner: Option<Span>,
    pub(crate) refers: Option<(Name<'a>, Vec<Ident<'a>>)>,
    pub(crate) tokens: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Primary,
    Unique,
    Index,
    /// FULLTEXT, SPATIAL, VECTOR.
    Special,
    Foreign,
    Check,
}

/// An option of a table: `ENGINE = InnoDB`, `DEFAULT CHARACTER SET utf8mb4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableOption<'a> {
    pub(crate) kind: OptionKind,
    pub(crate) name: Ident<'a>,
    /// The tokens of its value.
    pub(crate) value: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OptionKind {
    /// ENGINE, and TYPE as MySQL 4 had it.
    Engine,
    /// The tables of MERGE.
    Union,
    Versioning,
    /// One of both manuals, which leaves the rows as they are.
    Known,
    /// One that an engine or a plugin may define.
    Other,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AlterTable<'a> {
    pub(crate) is_online: bool,
    pub(crate) is_ignoring: bool,
    pub(crate) guard: Guard,
    pub(crate) table: Name<'a>,
    /// The tokens after the name and `WAIT n`.
    pub(crate) list: Span,
    pub(crate) clauses: Vec<Clause<'a>>,
}

/// One thing that an ALTER TABLE does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause<'a> {
    pub(crate) tokens: Span,
    /// Which part of the list between commas it is in: `ADD (a INT, b INT)` is two clauses in one part.
    pub(crate) part: usize,
    pub(crate) change: Change<'a>,
}

/// What a clause does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change<'a> {
    AddColumn(Guard, ColumnDefinition<'a>),
    AddKey(KeyDefinition<'a>),
    DropColumn(Guard, Ident<'a>),
    /// The primary key has no name.
    DropKey(Guard, DroppedKey, Option<Ident<'a>>),
    /// CHANGE: the old name, and the new definition.
    #[expect(clippy::enum_variant_names, reason = "CHANGE is what the clause is called")]
    ChangeColumn(Guard, Ident<'a>, ColumnDefinition<'a>),
    ModifyColumn(Guard, ColumnDefinition<'a>),
    /// ALTER COLUMN: its default, or whether it is visible.
    AlterColumn(Guard, Ident<'a>),
    /// ALTER INDEX, ALTER CHECK, ALTER CONSTRAINT.
    AlterKey(Guard, Ident<'a>),
    RenameColumn(Guard, Ident<'a>, Ident<'a>),
    RenameKey(Guard, Ident<'a>, Ident<'a>),
    RenameTable(Name<'a>),
    AddPeriod,
    DropPeriod,
    AddVersioning,
    DropVersioning,
    Partitions(Partitions<'a>),
    DiscardTablespace,
    ImportTablespace,
    /// CONVERT TO CHARACTER SET.
    ConvertCharset,
    OrderBy,
    Force,
    /// ENABLE KEYS, DISABLE KEYS.
    Keys,
    /// WITH VALIDATION, WITHOUT VALIDATION.
    Validation,
    /// SECONDARY_LOAD, SECONDARY_UNLOAD.
    Secondary,
    Algorithm(Ident<'a>),
    Lock(Ident<'a>),
    Option(TableOption<'a>),
    Other,
}

/// What ALGORITHM and LOCK may be.
pub(crate) const HOW_VALUES: [&str; 8] =
    ["DEFAULT", "INSTANT", "NOCOPY", "INPLACE", "COPY", "NONE", "SHARED", "EXCLUSIVE"];

/// How a clause calls the key that it drops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DroppedKey {
    Primary,
    Index,
    Foreign,
    Check,
    Constraint,
}

/// What happens to partitions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Partitions<'a> {
    Add,
    /// `ADD PARTITION PARTITIONS 2`: rows move.
    AddNumber,
    Drop(Guard, Vec<Ident<'a>>),
    Truncate(Which<'a>),
    DiscardTablespace(Which<'a>),
    ImportTablespace(Which<'a>),
    /// With the table whose rows it takes.
    Exchange(Option<Ident<'a>>, Option<Name<'a>>),
    /// MariaDB: a partition becomes a table.
    ToTable(Option<Ident<'a>>, Option<Name<'a>>),
    /// MariaDB: a table becomes a partition.
    FromTable(Option<Name<'a>>),
    Reorganize,
    Coalesce,
    /// REBUILD, OPTIMIZE, ANALYZE, CHECK.
    Maintain,
    Repair,
    /// REMOVE PARTITIONING.
    Remove,
    /// PARTITION BY.
    By,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Which<'a> {
    All,
    Named(Vec<Ident<'a>>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DropTable<'a> {
    pub(crate) is_temporary: bool,
    pub(crate) guard: Guard,
    pub(crate) tables: Vec<Name<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RenameTables<'a> {
    pub(crate) guard: Guard,
    /// Old and new names, one after the other.
    pub(crate) pairs: Vec<(Name<'a>, Name<'a>)>,
    /// One of the pairs is not understood.
    pub(crate) has_other: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CreateIndex<'a> {
    pub(crate) or_replace: bool,
    pub(crate) guard: Guard,
    pub(crate) kind: KeyKind,
    pub(crate) name: Ident<'a>,
    pub(crate) table: Name<'a>,
    pub(crate) columns: Vec<Ident<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DropIndex<'a> {
    pub(crate) guard: Guard,
    pub(crate) name: Ident<'a>,
    pub(crate) table: Name<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectStatement<'a> {
    pub(crate) verb: Verb,
    pub(crate) object: ObjectKind,
    pub(crate) or_replace: bool,
    pub(crate) is_temporary: bool,
    pub(crate) guard: Guard,
    /// All of a list of DROP, the first otherwise; none of accounts.
    pub(crate) names: Vec<Name<'a>>,
    /// The table of a trigger.
    pub(crate) on: Option<Name<'a>>,
    /// The tokens after the names.
    pub(crate) rest: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Create,
    Alter,
    Drop,
    Rename,
    Truncate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Table,
    Index,
    View,
    Sequence,
    Trigger,
    Procedure,
    Function,
    Event,
    Package,
    PackageBody,
    Database,
    /// Users and roles.
    Account,
    Server,
    Tablespace,
    /// LOGFILE GROUP, RESOURCE GROUP, SPATIAL REFERENCE SYSTEM, INSTANCE, LIBRARY, CATALOG.
    Administrative,
    Other,
}

/// One assignment of a SET statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Assignment<'a> {
    pub(crate) tokens: Span,
    pub(crate) scope: Scope,
    /// The variable; the last word of a qualified one. Of a form without a variable (NAMES, TRANSACTION), its first word.
    pub(crate) name: Ident<'a>,
    /// What is after the equals sign; none for a form without one.
    pub(crate) value: Option<Span>,
}

/// Whose value an assignment changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// SET GLOBAL, SET PERSIST.
    Global,
    /// A setting of the session, or several (SET NAMES).
    Session,
    /// SET TRANSACTION, `SET @@transaction_isolation = …`: for the next transaction only.
    NextTransaction,
    /// A user variable.
    User,
}

/// A statement about rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dml<'a> {
    pub(crate) verb: DmlVerb,
    /// MariaDB runs the statement that ANALYZE is for.
    pub(crate) is_analyzed: bool,
    /// The common table expressions before it.
    pub(crate) with: Option<Span>,
    /// The statement itself, from its verb on.
    pub(crate) tokens: Span,
    /// The table of INSERT and REPLACE.
    pub(crate) into: Option<Name<'a>>,
    /// The tables of UPDATE and DELETE, those that are only read among them.
    pub(crate) tables: Vec<TableReference<'a>>,
    /// Which of them it writes to; none where that is not plain, and each may be.
    pub(crate) targets: Option<Vec<Name<'a>>>,
    pub(crate) rows: Rows,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DmlVerb {
    Insert,
    Replace,
    Update,
    Delete,
    Select,
    Values,
    Table,
    Do,
    Other,
}

/// Where the rows of INSERT and REPLACE come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    None,
    /// VALUES: the tokens end there, what follows is read where it is needed.
    Values,
    Set,
    Query,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TableReference<'a> {
    pub(crate) table: Name<'a>,
    pub(crate) alias: Option<Ident<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Load<'a> {
    pub(crate) is_local: bool,
    pub(crate) replaces: bool,
    pub(crate) table: Option<Name<'a>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Maintenance<'a> {
    pub(crate) verb: MaintenanceVerb,
    pub(crate) tables: Vec<Name<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaintenanceVerb {
    Analyze,
    Check,
    Optimize,
    Repair,
}
