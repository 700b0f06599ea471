//! What a DDL statement makes and what it takes away, by name: tables and other objects, and the columns and keys of a table.
//! So it can be told whether what a down takes back was ever made by its up. Not a parser: a clause that is not known is
//! told as one that does something else.

use crate::script::lexer::Modes;
use crate::statement::Statement;
use crate::statement::ddl::Object;
use crate::statement::names::Name;
use crate::statement::tree::{
    self, AlterTable, Change, ColumnDefinition, Form, Ident, KeyDefinition, KeyKind, ObjectKind, ObjectStatement,
    RenameTables, Verb,
};
use std::collections::HashMap;

/// Something that is made or taken away, as the statement spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    what: What,
    /// The object, or the table that it belongs to.
    object: Name,
    /// The column, or the key.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    /// Tables, views and sequences share their names.
    Relation,
    Object(Object),
    Column,
    /// Indexes and constraints; the primary key is called PRIMARY.
    Key,
}

const PRIMARY: &str = "PRIMARY";

/// What one statement does to parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// They are there behind it.
    pub makes: Vec<Part>,
    /// It drops them.
    pub drops: Vec<Part>,
    /// They have another name behind it.
    pub renames: Vec<Part>,
    /// It does something else as well, or nothing else is known.
    pub does_more: bool,
}

impl Parts {
    /// Of a statement of any kind; of one that is no DDL there are none.
    pub fn of(sql: &str, modes: Modes) -> Parts {
        Parts::read(&Statement::parse(sql, modes))
    }

    fn read(tree: &Statement) -> Parts {
        let mut parts = Parts::default();
        match &tree.form {
            Form::CreateTable(new) if !new.is_temporary => {
                parts.makes.push(Part::object(Object::Table, new.table.plain()));
            }
            Form::DropTable(drop) if !drop.is_temporary => {
                parts.drops.extend(drop.tables.iter().map(|name| Part::object(Object::Table, name.plain())));
            }
            Form::RenameTables(rename) => parts.rename_tables(rename),
            Form::AlterTable(alter) => parts.alter(tree, alter),
            Form::CreateIndex(new) => parts.makes.push(Part::key_of(&new.table.plain(), new.name.plain())),
            Form::DropIndex(old) => parts.drops.push(Part::key_of(&old.table.plain(), old.name.plain())),
            Form::Object(object) if !object.is_temporary => parts.objects(object),
            Form::CreateTable(_) | Form::DropTable(_) | Form::Object(_) | Form::Truncate(_) => parts.does_more = true,
            Form::Rights | Form::Set(_) | Form::SetStatement(_) | Form::Use(_) | Form::Dml(_) => parts.does_more = true,
            Form::Load(_) | Form::Call(_) | Form::Execute(_) | Form::Prepare(_) => parts.does_more = true,
            Form::Deallocate(_) | Form::Compound | Form::Transaction(_) | Form::Lock => parts.does_more = true,
            Form::Maintenance(_) | Form::Show | Form::Diagnostics | Form::Other => parts.does_more = true,
        }
        parts
    }

    fn objects(&mut self, object: &ObjectStatement) {
        let all = object.names.iter().map(|name| Part::object(object.object.into(), name.plain()));
        let is_read = !matches!(object.object, ObjectKind::Table | ObjectKind::Index | ObjectKind::Other);
        match object.verb {
            Verb::Create if is_read => self.makes.extend(all),
            Verb::Drop if is_read => self.drops.extend(all),
            Verb::Rename if object.object == ObjectKind::Table => {}
            Verb::Create | Verb::Drop | Verb::Alter | Verb::Rename | Verb::Truncate => self.does_more = true,
        }
    }

    /// What is not there any more behind it, under its old name.
    pub fn takes(&self) -> impl Iterator<Item = &Part> {
        self.drops.iter().chain(&self.renames)
    }

    fn rename_tables(&mut self, rename: &RenameTables) {
        for (old, new) in &rename.pairs {
            self.rename_table(old, new);
        }
        self.does_more |= rename.has_other;
    }

    fn rename_table(&mut self, old: &tree::Name, new: &tree::Name) {
        self.renames.push(Part::object(Object::Table, old.plain()));
        self.makes.push(Part::object(Object::Table, new.plain()));
    }

    fn alter(&mut self, tree: &Statement, alter: &AlterTable) {
        let table = alter.table.plain();
        let column = |name: &Ident| Part { what: What::Column, object: table.clone(), name: name.plain() };
        let key = |name: &Ident| Part::key_of(&table, name.plain());
        for clause in &alter.clauses {
            match &clause.change {
                Change::Algorithm(_) | Change::Lock(_) => {}
                Change::AddColumn(_, new) => {
                    self.makes.push(column(&new.name));
                    self.keys_of(tree, &table, new);
                    let is_unique = has_word(tree, new, "UNIQUE");
                    self.makes.extend(is_unique.then(|| key(&new.name)));
                }
                Change::AddKey(new) => self.makes.extend(key_names(new).map(|name| Part::key_of(&table, name))),
                Change::DropColumn(_, old) => self.drops.push(column(old)),
                Change::DropKey(_, _, Some(old)) => self.drops.push(key(old)),
                Change::DropKey(_, _, None) => self.drops.push(Part::key_of(&table, PRIMARY.to_owned())),
                Change::ChangeColumn(_, old, new) => {
                    if old.plain().eq_ignore_ascii_case(&new.name.plain()) {
                        self.does_more = true;
                    } else {
                        self.renames.push(column(old));
                        self.makes.push(column(&new.name));
                    }
                    self.keys_of(tree, &table, new);
                }
                Change::ModifyColumn(_, new) => {
                    self.does_more = true;
                    self.keys_of(tree, &table, new);
                }
                Change::RenameColumn(_, old, new) => {
                    self.renames.push(column(old));
                    self.makes.push(column(new));
                }
                Change::RenameKey(_, old, new) => {
                    self.renames.push(key(old));
                    self.makes.push(key(new));
                }
                Change::RenameTable(new) => self.rename_table(&alter.table, new),
                // Nothing after a comma.
                Change::Other if clause.tokens.is_empty() => {}
                Change::AlterColumn(..) | Change::AlterKey(..) | Change::AddPeriod | Change::DropPeriod => {
                    self.does_more = true;
                }
                Change::AddVersioning | Change::DropVersioning | Change::Partitions(_) | Change::DiscardTablespace => {
                    self.does_more = true;
                }
                Change::ImportTablespace | Change::ConvertCharset | Change::OrderBy | Change::Force | Change::Keys => {
                    self.does_more = true;
                }
                Change::Validation | Change::Secondary | Change::Option(_) | Change::Other => self.does_more = true,
            }
        }
    }

    fn keys_of(&mut self, tree: &Statement, table: &Name, column: &ColumnDefinition) {
        self.makes.extend(has_word(tree, column, PRIMARY).then(|| Part::key_of(table, PRIMARY.to_owned())));
    }
}

fn has_word(tree: &Statement, column: &ColumnDefinition, word: &str) -> bool {
    tree.tokens[column.definition.clone()].iter().any(|token| token.is_word(word))
}

/// The names that a key may be dropped by: its own and its constraint's, or the first column's.
fn key_names(key: &KeyDefinition) -> impl Iterator<Item = String> {
    let is_primary = key.kind == KeyKind::Primary;
    let own = key.name.or_else(|| key.columns.first().copied());
    let named = [key.constraint, own].into_iter().flatten().filter(move |_| !is_primary).map(|name| name.plain());
    is_primary.then(|| PRIMARY.to_owned()).into_iter().chain(named)
}

impl Part {
    fn object(object: Object, name: Name) -> Part {
        let what = match object {
            Object::Table | Object::View | Object::Sequence => What::Relation,
            other => What::Object(other),
        };
        Part { what, object: name, name: String::new() }
    }

    fn key_of(table: &Name, name: String) -> Part {
        Part { what: What::Key, object: table.clone(), name }
    }

    /// The name, if it is a table, a view or a sequence.
    pub fn relation(&self) -> Option<&str> {
        (self.what == What::Relation).then_some(self.object.name.as_str())
    }

    fn key(&self) -> (What, String, String) {
        (self.what, self.object.name.to_lowercase(), self.name.to_lowercase())
    }

    fn is_of_one(&self, schemas: &[Option<String>]) -> bool {
        schemas.iter().any(|schema| match (schema, &self.object.schema) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => true,
        })
    }
}

/// What several statements make. Names without a schema are taken for those of any.
#[derive(Debug, Default)]
pub struct Made {
    by_name: HashMap<(What, String, String), Vec<Option<String>>>,
    /// Tables that CREATE has made, with all that is in them.
    tables: HashMap<String, Vec<Option<String>>>,
}

impl Made {
    /// Of one statement.
    pub fn by(sql: &str, modes: Modes) -> Made {
        let mut made = Made::default();
        made.add(sql, modes);
        made
    }

    /// Adds what a statement makes.
    pub fn add(&mut self, sql: &str, modes: Modes) {
        let tree = Statement::parse(sql, modes);
        let is_create = tree.first().as_str() == "CREATE";
        for part in Parts::read(&tree).makes {
            if is_create && part.what == What::Relation {
                self.tables.entry(part.key().1).or_default().push(part.object.schema.clone());
            }
            self.add_part(part);
        }
    }

    /// Adds something itself.
    pub fn add_part(&mut self, part: Part) {
        self.by_name.entry(part.key()).or_default().push(part.object.schema);
    }

    /// Whether it is among them itself.
    pub fn names(&self, part: &Part) -> bool {
        self.by_name.get(&part.key()).is_some_and(|schemas| part.is_of_one(schemas))
    }

    /// Whether it is among them, or belongs to a table that is.
    pub fn holds(&self, part: &Part) -> bool {
        let is_inside = matches!(part.what, What::Column | What::Key);
        let table = self.tables.get(&part.key().1).filter(|_| is_inside);
        self.names(part) || table.is_some_and(|schemas| part.is_of_one(schemas))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(parts: &[Part]) -> String {
        let word = |part: &Part| match (&part.name, part.what) {
            (_, What::Relation) => part.object.name.clone(),
            (_, What::Object(_)) => format!("{}!", part.object.name),
            (name, What::Column) => format!("{}.{name}", part.object.name),
            (name, What::Key) => format!("{}#{name}", part.object.name),
        };
        parts.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_made_dropped_and_renamed() {
        for (sql, makes, drops, renames, more) in [
            ("CREATE TABLE IF NOT EXISTS s.a (b INT, KEY c (b))", "a", "", "", false),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "v", "", "", false),
            ("CREATE PROCEDURE p() SELECT 1", "p!", "", "", false),
            ("CREATE UNIQUE INDEX i ON t (a)", "t#i", "", "", false),
            ("DROP INDEX i ON t", "", "t#i", "", false),
            ("DROP TABLE IF EXISTS a, `b`", "", "a b", "", false),
            ("RENAME TABLE t TO t_old, s.new TO t", "t_old t", "", "t new", false),
            ("ALTER TABLE t RENAME TO u", "u", "", "t", false),
            ("ALTER TABLE t RENAME = u", "u", "", "t", false),
            ("ALTER TABLE t WAIT 5 DROP a", "", "t.a", "", false),
            ("ALTER TABLE IF EXISTS t RENAME u, ALGORITHM=COPY", "u", "", "t", false),
            (
                "ALTER TABLE t ADD a INT AFTER b, ADD COLUMN IF NOT EXISTS c DECIMAL(4, 2) FIRST",
                "t.a t.c",
                "",
                "",
                false,
            ),
            ("ALTER TABLE t ADD (a INT, KEY k (a), b INT UNIQUE)", "t.a t#k t.b t#b", "", "", false),
            ("ALTER TABLE t ADD a INT PRIMARY KEY", "t.a t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD INDEX i (a), ADD UNIQUE (b), ADD FULLTEXT KEY f (c)", "t#i t#b t#f", "", "", false),
            ("ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a)", "t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD PRIMARY KEY (a)", "t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (b)", "t#f t#a", "", "", false),
            ("ALTER TABLE t MODIFY a INT PRIMARY KEY", "t#PRIMARY", "", "", true),
            ("ALTER TABLE t DROP a, DROP COLUMN IF EXISTS b, DROP KEY c", "", "t.a t.b t#c", "", false),
            (
                "ALTER TABLE t DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP CONSTRAINT g",
                "",
                "t#PRIMARY t#f t#g",
                "",
                false,
            ),
            ("ALTER TABLE t DROP PARTITION p", "", "", "", true),
            ("ALTER TABLE t CHANGE a b INT, CHANGE COLUMN c c BIGINT", "t.b", "", "t.a", true),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME KEY i TO j", "t.b t#j", "", "t.a t#i", false),
            ("ALTER TABLE t ENGINE=InnoDB", "", "", "", true),
            ("ALTER TABLE t ALTER a SET DEFAULT 1", "", "", "", true),
            ("DROP USER u", "", "", "", false),
            ("UPDATE t SET a = 1", "", "", "", true),
            ("ALTER TABLE t", "", "", "", false),
            ("RENAME TABLE", "", "", "", false),
        ] {
            let parts = Parts::of(sql, Modes::default());
            let found = (spelled(&parts.makes), spelled(&parts.drops), spelled(&parts.renames), parts.does_more);
            assert_eq!(found, (makes.to_owned(), drops.to_owned(), renames.to_owned(), more), "{sql}");
        }
    }

    #[test]
    fn what_belongs_to_a_table_that_was_made() {
        let modes = Modes::default();
        let holds =
            |made: &str, drop: &str| Parts::of(drop, modes).takes().all(|part| Made::by(made, modes).holds(part));
        for (made, drop, expected) in [
            ("CREATE TABLE t (a INT)", "ALTER TABLE T DROP A", true),
            ("CREATE TABLE s.t (a INT)", "DROP TABLE t", true),
            ("CREATE TABLE s.t (a INT)", "DROP TABLE u.t", false),
            // A table that only has a new name was full before.
            ("RENAME TABLE t TO u", "ALTER TABLE u DROP a", false),
            ("RENAME TABLE t TO u", "DROP TABLE u", true),
            ("RENAME TABLE t TO u", "DROP TABLE t", false),
            ("ALTER TABLE t ADD a_new INT AFTER a", "ALTER TABLE t DROP a", false),
        ] {
            assert_eq!(holds(made, drop), expected, "{made}; {drop}");
        }
    }
}
