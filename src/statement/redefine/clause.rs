//! What one clause of an ALTER TABLE does to the names of columns and keys.

use crate::statement::Statement;
use crate::statement::cursor::Token;
use crate::statement::names::unquote;
use crate::statement::tree::{
    AlterTable, Change, Clause as Read, ColumnDefinition, DroppedKey, Guard, Ident, KeyDefinition, KeyKind, OptionKind,
};

/// A name whose letters every server compares alike: without regard to case, and ASCII only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plain(String);

impl Plain {
    /// None of any other name, nor of the column that MySQL can hide: that of a primary key which it makes by itself.
    pub(crate) fn of(name: &str) -> Option<Plain> {
        let name = unquote(name).to_ascii_lowercase();
        (name.is_ascii() && name != "my_row_id").then_some(Plain(name))
    }

    fn named(name: &Ident) -> Option<Plain> {
        Plain::of(name.text)
    }

    pub(crate) fn is(&self, token: &Token) -> bool {
        token.is_name() && unquote(token.text).eq_ignore_ascii_case(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The primary key's name, and its word.
pub(crate) const PRIMARY: &str = "PRIMARY";

/// What may follow a DROP or an ADD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Column,
    /// An index; the primary key is called `primary`.
    Index,
    /// A foreign key. MySQL accepts DROP FOREIGN KEY of one that is not there, where the table is not InnoDB's.
    ForeignKey,
    /// A check, or whatever DROP CONSTRAINT names.
    Constraint,
}

/// One clause, as far as names are concerned.
#[derive(Clone, Debug)]
pub(crate) enum Clause<'t, 'a> {
    /// `DROP …`: an error where there is none of that name.
    Drops(Part, Plain),
    /// `DROP … IF EXISTS`.
    MayDrop(Part, Plain),
    /// `ADD …` with a name: an error where there is one already. A column's definition, or all of a key's.
    Adds(Part, Plain, &'t [Token<'a>]),
    /// `CHANGE`, `RENAME COLUMN`, `MODIFY`: old name, new name, and what stands after it.
    Changes(Plain, Plain, &'t [Token<'a>]),
    /// It drops no column, but may add a key or a column whose name is not read here, or is there already.
    MayAdd(&'t [Token<'a>]),
    /// It says how the statement runs, or changes what has no name.
    Neither,
}

/// The clauses of an ALTER TABLE. None where one of them is not known here.
pub(crate) fn read<'t, 'a>(tree: &'t Statement<'a>, alter: &AlterTable<'a>) -> Option<Vec<Clause<'t, 'a>>> {
    alter.clauses.iter().map(|clause| of(tree, clause)).collect()
}

fn of<'t, 'a>(tree: &'t Statement<'a>, clause: &Read<'a>) -> Option<Clause<'t, 'a>> {
    let definition = |column: &ColumnDefinition| &tree.tokens[column.definition.clone()];
    match &clause.change {
        Change::Algorithm(_) | Change::Lock(_) | Change::Force => Some(Clause::Neither),
        Change::AlterColumn(..) | Change::AlterKey(..) | Change::ConvertCharset => Some(Clause::Neither),
        Change::Option(option) => match option.kind {
            OptionKind::Engine | OptionKind::Known => Some(Clause::Neither),
            OptionKind::Union | OptionKind::Versioning | OptionKind::Other => None,
        },
        Change::AddColumn(Guard::None, new) => {
            Some(Clause::Adds(Part::Column, Plain::named(&new.name)?, definition(new)))
        }
        Change::AddColumn(..) | Change::RenameKey(..) => Some(Clause::MayAdd(&tree.tokens[clause.tokens.clone()])),
        Change::AddKey(key) => adds_key(tree, key),
        Change::DropColumn(guard, name) => drops(*guard, Part::Column, name.text),
        Change::DropKey(guard, kind, name) => {
            let part = match kind {
                DroppedKey::Primary | DroppedKey::Index => Part::Index,
                DroppedKey::Foreign => Part::ForeignKey,
                DroppedKey::Check | DroppedKey::Constraint => Part::Constraint,
            };
            drops(*guard, part, name.map_or(PRIMARY, |name| name.text))
        }
        Change::ChangeColumn(Guard::None, old, new) => {
            Some(Clause::Changes(Plain::named(old)?, Plain::named(&new.name)?, definition(new)))
        }
        Change::ModifyColumn(Guard::None, new) => {
            Some(Clause::Changes(Plain::named(&new.name)?, Plain::named(&new.name)?, definition(new)))
        }
        Change::RenameColumn(Guard::None, old, new) => {
            Some(Clause::Changes(Plain::named(old)?, Plain::named(new)?, &[]))
        }
        Change::ChangeColumn(..) | Change::ModifyColumn(..) | Change::RenameColumn(..) | Change::RenameTable(_) => None,
        Change::AddPeriod | Change::DropPeriod | Change::AddVersioning | Change::DropVersioning => None,
        Change::Partitions(_) | Change::DiscardTablespace | Change::ImportTablespace | Change::OrderBy => None,
        Change::Keys | Change::Validation | Change::Secondary | Change::Other => None,
    }
}

fn drops<'t, 'a>(guard: Guard, part: Part, name: &str) -> Option<Clause<'t, 'a>> {
    let name = Plain::of(name)?;
    match guard {
        Guard::None => Some(Clause::Drops(part, name)),
        Guard::IfExists | Guard::IfNotExists => Some(Clause::MayDrop(part, name)),
    }
}

/// A key without a name gets one from its first column.
fn adds_key<'t, 'a>(tree: &'t Statement<'a>, key: &KeyDefinition<'a>) -> Option<Clause<'t, 'a>> {
    let tokens = &tree.tokens[key.tokens.clone()];
    let is_constraint = tokens.first().is_some_and(|first| first.is_word("CONSTRAINT"));
    match key.kind {
        _ if is_constraint || key.guard != Guard::None => Some(Clause::MayAdd(tokens)),
        KeyKind::Foreign | KeyKind::Check => Some(Clause::MayAdd(tokens)),
        KeyKind::Primary => Some(Clause::Adds(Part::Index, Plain::of(PRIMARY)?, tokens)),
        KeyKind::Unique | KeyKind::Index | KeyKind::Special => match &key.name {
            Some(name) => Some(Clause::Adds(Part::Index, Plain::named(name)?, tokens)),
            None => Some(Clause::MayAdd(tokens)),
        },
    }
}
