//! What `plan` must know of a statement before the server is asked: which table it is about, how many rows it writes.
//! `rewrite` changes its text. What is not recognised is not changed.

mod rewrite;

pub use rewrite::Place;

use crate::script::lexer::Modes;
use crate::statement::Statement;
use crate::statement::cursor::Token;
use crate::statement::effects::Effects;
use crate::statement::names::Name;
use crate::statement::tree::{self, Change, Clause, DmlVerb, KeyKind, MaintenanceVerb, ObjectKind, Partitions, Verb};

/// A table-changing statement.
#[derive(Debug, Clone)]
pub struct Alter<'a> {
    modes: Modes,
    tree: Statement<'a>,
    /// What it is.
    pub form: Form,
    /// The tables that it is about: of DROP, RENAME and OPTIMIZE there may be a list.
    tables: Vec<Name>,
}

/// The statements that tables have a cost from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// ALTER TABLE.
    Alter,
    /// CREATE INDEX.
    CreateIndex,
    /// DROP INDEX.
    DropIndex,
    /// CREATE TABLE, also MariaDB's OR REPLACE.
    CreateTable,
    /// DROP TABLE.
    DropTable,
    /// RENAME TABLE.
    Rename,
    /// TRUNCATE.
    Truncate,
    /// OPTIMIZE TABLE, which InnoDB takes as ALTER TABLE … FORCE.
    Optimize,
    /// DROP DATABASE.
    DropDatabase,
    /// Everything else.
    Other,
}

impl<'a> Alter<'a> {
    /// Reads one statement.
    pub fn of(sql: &'a str, modes: Modes) -> Alter<'a> {
        let tree = Statement::parse(sql, modes);
        let (form, tables) = form(&tree.form);
        let tables = tables.iter().map(tree::Name::plain).collect();
        Alter { modes, tree, form, tables }
    }

    /// The table that it is about; of a list, the first.
    pub fn table(&self) -> Option<&Name> {
        self.tables.first()
    }

    /// Every table that it is about.
    pub fn tables(&self) -> Vec<Name> {
        self.tables.clone()
    }

    /// What it does to tables.
    pub fn effects(&self) -> Effects {
        Effects::of(self.tree.text, self.modes)
    }

    fn clauses(&self) -> &[Clause<'a>] {
        if let tree::Form::AlterTable(alter) = &self.tree.form { &alter.clauses } else { &[] }
    }

    fn has(&self, is_it: impl Fn(&Change) -> bool) -> bool {
        self.clauses().iter().any(|clause| is_it(&clause.change))
    }

    /// Whether it adds or drops a column: MySQL then makes a new version of the rows.
    pub fn changes_columns(&self) -> bool {
        self.has(|change| matches!(change, Change::AddColumn(..) | Change::DropColumn(..)))
    }

    /// `ADD COLUMN …, ADD INDEX …`: apart from each other both would be cheaper.
    pub fn adds_column_and_index(&self) -> bool {
        let is_index = |kind: KeyKind| matches!(kind, KeyKind::Unique | KeyKind::Index | KeyKind::Special);
        self.has(|change| matches!(change, Change::AddColumn(..)))
            && self.has(|change| matches!(change, Change::AddKey(key) if is_index(key.kind)))
    }

    /// `DISCARD` and `IMPORT TABLESPACE`, which mean files.
    pub fn is_about_files(&self) -> bool {
        self.has(|change| {
            let of_partition =
                |one: &Partitions| matches!(one, Partitions::DiscardTablespace(_) | Partitions::ImportTablespace(_));
            matches!(change, Change::DiscardTablespace | Change::ImportTablespace)
                || matches!(change, Change::Partitions(one) if of_partition(one))
        })
    }

    /// The engine that it names.
    pub fn engine(&self) -> Option<String> {
        self.tree.engine().map(|(_, engine)| engine.to_owned())
    }

    /// Calls and words that reach beyond tables: what runs them for a trial does more than try.
    pub fn reaches_out(&self) -> bool {
        const WORDS: &[&str] = &["OUTFILE", "DUMPFILE", "SLEEP", "BENCHMARK", "GET_LOCK", "LOAD_FILE"];
        self.tree.all().any(|token| token.is_any(WORDS))
    }

    /// The number of rows that an INSERT … VALUES writes out.
    pub fn rows_written(&self) -> Option<u64> {
        let tree::Form::Dml(dml) = &self.tree.form else { return None };
        let is_written_out = matches!(dml.verb, DmlVerb::Insert | DmlVerb::Replace) && dml.rows == tree::Rows::Values;
        let mut depth = 0_usize;
        let mut rows = 0;
        for token in self.tree.all().skip(self.tree.tokens.len()).filter(|_| is_written_out) {
            if depth == 0 && token.is_any(&["ON", "RETURNING"]) {
                break;
            }
            if token.is("(") {
                rows += u64::from(depth == 0);
                depth += 1;
            } else if token.is(")") {
                depth = depth.saturating_sub(1);
            }
        }
        (rows > 0).then_some(rows)
    }

    fn tokens(&self) -> Vec<Token<'a>> {
        self.tree.all().collect()
    }
}

/// What a statement is, and the tables that it is about.
fn form<'a>(form: &tree::Form<'a>) -> (Form, Vec<tree::Name<'a>>) {
    match form {
        tree::Form::AlterTable(alter) => (Form::Alter, vec![alter.table]),
        tree::Form::CreateIndex(new) => (Form::CreateIndex, vec![new.table]),
        tree::Form::DropIndex(old) => (Form::DropIndex, vec![old.table]),
        tree::Form::CreateTable(new) if !new.is_temporary => (Form::CreateTable, vec![new.table]),
        tree::Form::DropTable(old) if !old.is_temporary => (Form::DropTable, old.tables.clone()),
        tree::Form::RenameTables(rename) => (Form::Rename, rename.pairs.iter().map(|(old, _)| *old).collect()),
        tree::Form::Truncate(table) => (Form::Truncate, vec![*table]),
        tree::Form::Maintenance(one) if one.verb == MaintenanceVerb::Optimize => (Form::Optimize, one.tables.clone()),
        tree::Form::Object(one) if (one.verb, one.object) == (Verb::Drop, ObjectKind::Database) => {
            (Form::DropDatabase, Vec::new())
        }
        _ => (Form::Other, Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alter(sql: &str) -> Alter<'_> {
        Alter::of(sql, Modes::default())
    }

    #[test]
    fn rows_that_are_written_out() {
        for (sql, expected) in [
            ("INSERT INTO t VALUES (1), (2, (3)), (4)", Some(3)),
            ("insert into t (a, b) values (1, now()) on duplicate key update a = (1)", Some(1)),
            ("REPLACE INTO t SELECT 1", None),
            ("UPDATE t SET a = (1)", None),
        ] {
            assert_eq!(alter(sql).rows_written(), expected, "{sql}");
        }
    }

    #[test]
    fn kinds_of_parts() {
        assert!(alter("ALTER TABLE t ADD a INT, ADD UNIQUE (a)").adds_column_and_index());
        assert!(!alter("ALTER TABLE t ADD COLUMN a INT UNIQUE").adds_column_and_index());
        assert!(alter("ALTER TABLE t DISCARD PARTITION p TABLESPACE").is_about_files());
        assert!(!alter("ALTER TABLE t ADD import INT, DROP discard").is_about_files());
        assert!(
            alter("ALTER TABLE t DROP a").changes_columns() && !alter("ALTER TABLE t DROP KEY a").changes_columns()
        );
        assert_eq!(alter("CREATE TABLE t (a INT) ENGINE = MyISAM").engine().as_deref(), Some("MyISAM"));
    }
}
