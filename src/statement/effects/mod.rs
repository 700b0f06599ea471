//! What one statement does to tables and to the rows in them: what it removes, creates and renames. A clause that is not
//! understood is an effect that is not known, never silence. Whether there is any of it is asked of `stage` and of the server.

mod alter_table;
mod reads;
mod rows;
#[cfg(test)]
mod tests;

use crate::script::lexer::{Kind, Lexer, Modes};
use crate::statement::Statement;
use crate::statement::cursor::Token;
use crate::statement::names::Name;
use crate::statement::tree::{
    self, CreateTable, Form, Maintenance, MaintenanceVerb, ObjectKind, ObjectStatement, OptionKind, RenameTables,
    Source, Verb,
};

/// Something that a statement removes of what is there, or may remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// A table with its rows: DROP, CREATE OR REPLACE.
    Table(Name),
    /// All rows of a table: TRUNCATE, DISCARD TABLESPACE, another engine that keeps none.
    AllRows(Name),
    /// Some rows of a table: DELETE.
    SomeRows(Name),
    /// Values of a table: UPDATE, REPLACE, ON DUPLICATE KEY UPDATE.
    Values(Name),
    /// Nothing by itself: rows are added, and what triggers do then is another question.
    AddsRows(Name),
    /// A column with its values.
    Column(Name, String),
    /// Values of a column that get another type: they may be cut or rounded.
    Converts(Name, String),
    /// A partition with its rows.
    Partition(Name, String),
    /// A database with all that is in it.
    Database(String),
    /// What a function does, if somebody has written one of that name.
    Calls(Name),
    /// What cannot be told from the text, and why.
    Unknown(String),
}

impl Removal {
    /// The table, as the statement names it.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Removal::Table(name) | Removal::AllRows(name) | Removal::SomeRows(name) | Removal::Values(name) => {
                Some(name)
            }
            Removal::AddsRows(name) | Removal::Column(name, _) | Removal::Converts(name, _) => Some(name),
            Removal::Partition(name, _) => Some(name),
            Removal::Database(_) | Removal::Calls(_) | Removal::Unknown(_) => None,
        }
    }

    /// The column, as the statement names it.
    pub fn column(&self) -> Option<&str> {
        match self {
            Removal::Column(_, column) | Removal::Converts(_, column) => Some(column),
            Removal::Table(_) | Removal::AllRows(_) | Removal::SomeRows(_) | Removal::Values(_) => None,
            Removal::AddsRows(_) | Removal::Partition(..) | Removal::Database(_) => None,
            Removal::Calls(_) | Removal::Unknown(_) => None,
        }
    }
}

/// What one statement does to a column, beside removing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// It is added.
    Adds(String),
    /// It gets a new name: old, new.
    Renames(String, String),
}

/// What one statement does to tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// What it removes, or may remove.
    pub removes: Vec<Removal>,
    /// Tables that are there after it, if they were not before.
    pub creates: Vec<Name>,
    /// Tables that get a new name, one after the other: old, new.
    pub renames: Vec<(Name, Name)>,
    /// What it does to columns of a table.
    pub columns: Vec<(Name, ColumnChange)>,
    /// Tables whose rows it moves between partitions.
    pub repartitions: Vec<Name>,
    /// The stored function that it creates.
    pub function: Option<Name>,
    /// The temporary table that it creates.
    pub temporary: Option<Name>,
    /// The temporary tables that it drops.
    pub drops_temporary: Vec<Name>,
    /// Views, and tables that show the rows of others.
    pub creates_views: Vec<Name>,
    /// What the view that it creates reads from.
    pub view_reads: Vec<Name>,
    /// The functions that the view calls which it creates.
    pub view_calls: Vec<Name>,
    /// It is RENAME TABLE: on MySQL that renames what a temporary table hides.
    pub passes_temporary: bool,
    /// The table that it creates a trigger for.
    pub trigger: Option<Name>,
    /// It creates a foreign key that takes rows or values of its own table along.
    pub links: bool,
    /// What it reads from, where it holds a query; a view among them may call functions.
    pub reads: Vec<Name>,
    /// The database that names without one mean from now on.
    pub uses: Option<String>,
}

impl Effects {
    /// Of one statement, as its session reads it.
    pub fn of(sql: &str, modes: Modes) -> Effects {
        let tree = Statement::parse(sql, modes);
        let mut effects = Effects::read(&tree, modes);
        // Whether the server runs what stands in an executable comment depends on its version: both may be.
        if tree.has_executable_comment {
            let without = without_executable_comments(sql, modes);
            let other = Effects::read(&Statement::parse(&without, modes), modes);
            let is_same = effects.without_removals() == other.without_removals();
            let more: Vec<Removal> = other.removes.into_iter().filter(|one| !effects.removes.contains(one)).collect();
            effects.removes.extend(more);
            if !is_same {
                effects.unknown("whether an executable comment runs depends on the server's version".to_owned());
            }
        }
        effects
    }

    fn without_removals(&self) -> Effects {
        Effects { removes: Vec::new(), ..self.clone() }
    }

    fn read(tree: &Statement, modes: Modes) -> Effects {
        let mut effects = Effects::default();
        match &tree.form {
            Form::Dml(dml) => effects.rows(tree, dml),
            Form::Load(load) => effects.load(load),
            Form::SetStatement(inner) => effects.inner(&tree.text[tree.bytes(inner)], modes),
            Form::CreateTable(new) => effects.create_table(tree, new),
            Form::AlterTable(alter) => effects.alter_table(tree, alter),
            Form::DropTable(drop) if drop.is_temporary => effects.drops_temporary = plain(&drop.tables),
            Form::DropTable(drop) => effects.removes.extend(plain(&drop.tables).into_iter().map(Removal::Table)),
            Form::RenameTables(rename) => effects.rename_tables(tree, rename),
            Form::Truncate(table) => effects.removes.push(Removal::AllRows(table.plain())),
            Form::Object(object) => effects.object(tree, object),
            Form::Use(name) => effects.uses = name.map(|name| name.plain()),
            Form::Call(name) => {
                let name = name.map_or_else(String::new, |name| format!(" {}", name.name.text));
                effects.unknown(format!("what CALL{name} runs is not known"));
            }
            Form::Execute(_) => effects.unknown("what EXECUTE runs is not known".to_owned()),
            Form::Compound => effects.unknown("what a compound statement does is not known".to_owned()),
            Form::Maintenance(Maintenance { verb: MaintenanceVerb::Repair, .. }) => {
                effects.unknown("REPAIR may remove rows that it cannot read".to_owned());
            }
            Form::Set(_) | Form::Prepare(_) | Form::Show | Form::Diagnostics => {
                effects.calls(&tree.tokens, None);
                effects.reads = reads::read_by(&tree.tokens);
            }
            Form::CreateIndex(_) | Form::DropIndex(_) | Form::Rights | Form::Deallocate(_) => {}
            Form::Transaction(_) | Form::Lock | Form::Maintenance(_) => {}
            Form::Other if tree.tokens.is_empty() => {}
            Form::Other => match tree.first().as_str() {
                "FLUSH" | "INSTALL" | "UNINSTALL" | "CACHE" | "CHANGE" | "START" | "STOP" | "RESET" | "PURGE" => {}
                _ => effects.not_understood(tree),
            },
        }
        effects
    }

    /// A name may mean another table after it.
    pub fn changes_names(&self) -> bool {
        let drops = self.removes.iter().any(|one| matches!(one, Removal::Table(_) | Removal::Database(_)));
        let is_plain = Effects { removes: Vec::new(), reads: Vec::new(), ..self.clone() } == Effects::default();
        drops || !is_plain
    }

    fn unknown(&mut self, why: String) {
        self.removes.push(Removal::Unknown(why));
    }

    fn not_understood(&mut self, tree: &Statement) {
        let words: Vec<&str> = tree.tokens[tree.start..].iter().take(2).map(|token| token.text).collect();
        self.unknown(format!("`{}` is not understood", words.join(" ")));
    }

    /// MariaDB: `SET STATEMENT a = 1 FOR DELETE …`
    fn inner(&mut self, sql: &str, modes: Modes) {
        let tree = Statement::parse(sql, modes);
        if let Form::Dml(dml) = &tree.form {
            self.rows(&tree, dml);
        } else {
            self.unknown("what SET STATEMENT runs is not known".to_owned());
        }
    }

    fn create_table(&mut self, tree: &Statement, new: &CreateTable) {
        let table = new.table.plain();
        if let Source::Query(query) = &new.source {
            self.calls(&tree.tokens[query.clone()], None);
            self.reads = reads::read_by(&tree.tokens[query.clone()]);
        }
        if new.is_temporary {
            self.temporary = Some(table);
            return;
        }
        if new.or_replace {
            self.removes.push(Removal::Table(table.clone()));
        }
        let shows_other_rows = new.options.iter().any(|option| match option.kind {
            OptionKind::Engine => tree.tokens[option.value.clone()].first().is_some_and(|engine| {
                ["MERGE", "MRG_MYISAM"].iter().any(|merge| engine.literal().eq_ignore_ascii_case(merge))
            }),
            OptionKind::Union => true,
            OptionKind::Versioning | OptionKind::Known | OptionKind::Other => false,
        });
        if shows_other_rows { &mut self.creates_views } else { &mut self.creates }.push(table);
        self.links = takes_along(&tree.tokens);
    }

    /// CREATE, ALTER, DROP and RENAME of what is no table, or of one whose name is not understood.
    fn object(&mut self, tree: &Statement, object: &ObjectStatement) {
        let names = || plain(&object.names);
        match (object.verb, object.object) {
            (_, ObjectKind::Table | ObjectKind::Other) | (Verb::Truncate, _) => self.not_understood(tree),
            (Verb::Create, ObjectKind::Function) => self.function = names().first().cloned(),
            (Verb::Create, ObjectKind::Trigger) => self.trigger = object.on.map(|table| table.plain()),
            (Verb::Create, ObjectKind::View) => {
                self.creates_views = names();
                self.view_reads = reads::read_by(&tree.tokens[object.rest.clone()]);
                self.view_calls = reads::called(&tree.tokens[object.rest.clone()], None);
            }
            // MariaDB drops the database first, and a table of the sequence's name.
            (Verb::Create, ObjectKind::Database) if !object.or_replace => {}
            (Verb::Create | Verb::Drop, ObjectKind::Database) => {
                self.removes.extend(names().into_iter().map(|name| Removal::Database(name.name)));
            }
            (Verb::Create, ObjectKind::Sequence) if object.or_replace => {
                self.removes.extend(names().into_iter().map(Removal::Table));
            }
            (Verb::Rename, ObjectKind::Account) | (Verb::Create | Verb::Alter | Verb::Drop, _) => {}
            (Verb::Rename, _) => self.not_understood(tree),
        }
    }

    fn rename_tables(&mut self, tree: &Statement, rename: &RenameTables) {
        self.passes_temporary = true;
        self.renames.extend(rename.pairs.iter().map(|(old, new)| (old.plain(), new.plain())));
        if rename.has_other {
            self.not_understood(tree);
        }
    }
}

fn plain(names: &[tree::Name]) -> Vec<Name> {
    names.iter().map(tree::Name::plain).collect()
}

/// The same text with blanks in place of its executable comments.
fn without_executable_comments(sql: &str, modes: Modes) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut is_inside = false;
    for token in Lexer::new(sql, modes) {
        is_inside |= token.kind == Kind::ExecOpen;
        out.push_str(if is_inside { " " } else { &sql[token.span.clone()] });
        is_inside &= token.kind != Kind::ExecClose;
    }
    out
}

/// `ON DELETE CASCADE`, `ON UPDATE SET NULL`, …
fn takes_along(tokens: &[Token]) -> bool {
    tokens.windows(3).any(|three| {
        three[0].is_word("ON") && three[1].is_any(&["DELETE", "UPDATE"]) && three[2].is_any(&["CASCADE", "SET"])
    })
}
