//! Whether an ALTER TABLE that has taken effect may have left the table's definition as it was. Where it may not, the
//! definition alone tells whether it took effect, and no second run of it can succeed unseen.
//!
//! `clause` reads which names a statement drops and adds, and `schema::redefine` compares with SHOW CREATE TABLE what it brings back
//! under the same name. Whatever is not understood may have left the definition as it was.

pub(crate) mod clause;

use crate::script::lexer::Kind;
use crate::statement::Statement;
use crate::statement::cursor::Token;
use crate::statement::names::unquote;
use crate::statement::redefine::clause::{Clause, PRIMARY, Part, Plain, read};
use crate::statement::tree::AlterTable;

/// By the statement alone: it drops something whose name it does not bring back, or adds something whose name it has not
/// dropped. So it changes the definition, and a second time it is an error.
pub(crate) fn always(tree: &Statement, alter: &AlterTable) -> bool {
    // What stands in an executable comment is code for some servers only.
    !tree.has_executable_comment
        && read(tree, alter).is_some_and(|clauses| clauses.iter().any(|clause| tells(clause, &clauses)))
}

pub(crate) fn tells(clause: &Clause, all: &[Clause]) -> bool {
    match clause {
        Clause::Drops(Part::Column, name) => !brings_column(all, name),
        Clause::Drops(part @ (Part::Index | Part::Constraint), name) => !may_bring_key(all, *part, name),
        Clause::Adds(Part::Column, name, _) => !takes_column(all, name),
        Clause::Adds(Part::Index, name, _) => !may_take_key(all, name),
        Clause::Changes(old, new, _) => old != new && (!brings_column(all, old) || !takes_column(all, new)),
        Clause::Drops(Part::ForeignKey, _) | Clause::Adds(Part::ForeignKey | Part::Constraint, ..) => false,
        Clause::MayDrop(..) | Clause::MayAdd(_) | Clause::Neither => false,
    }
}

/// Whether there may be a column of this name after the statement, where there was one before it.
pub(crate) fn brings_column(all: &[Clause], name: &Plain) -> bool {
    all.iter().any(|clause| match clause {
        Clause::Adds(Part::Column, new, _) => new == name,
        Clause::Changes(old, new, _) => new == name && old != new,
        Clause::MayAdd(tokens) => tokens.iter().any(|token| name.is(token)),
        Clause::Adds(..) | Clause::Drops(..) | Clause::MayDrop(..) | Clause::Neither => false,
    })
}

/// Whether the statement may take a column of this name away.
pub(crate) fn takes_column(all: &[Clause], name: &Plain) -> bool {
    all.iter().any(|clause| match clause {
        Clause::Drops(Part::Column, old) | Clause::MayDrop(Part::Column, old) => old == name,
        Clause::Changes(old, new, _) => old == name && old != new,
        Clause::Drops(..) | Clause::MayDrop(..) | Clause::Adds(..) | Clause::MayAdd(_) | Clause::Neither => false,
    })
}

/// Whether there may be a key of this name after the statement: a key, or a column with one, that it adds may be called so,
/// or may get that name from its columns or its table.
pub(crate) fn may_bring_key(all: &[Clause], part: Part, name: &Plain) -> bool {
    let is_numbered = name.as_str().rsplit_once('_').is_some_and(|(_, end)| end.bytes().all(|b| b.is_ascii_digit()));
    let is_generated = is_numbered || name.as_str() == "functional_index";
    all.iter().any(|clause| match clause {
        Clause::Drops(..) | Clause::MayDrop(..) | Clause::Neither => false,
        Clause::Adds(Part::Column, column, tokens) | Clause::Changes(_, column, tokens) => {
            has_key(tokens) && (is_generated || name == column || name.as_str() == "primary")
        }
        Clause::Adds(_, new, _) => new == name,
        Clause::MayAdd(tokens) => tokens.iter().any(|token| name.is(token)) || is_generated && !is_named(tokens, part),
    })
}

/// Whether the statement may take a key of this name away.
fn may_take_key(all: &[Clause], name: &Plain) -> bool {
    all.iter().any(|clause| match clause {
        Clause::Drops(_, old) | Clause::MayDrop(_, old) => old == name,
        // RENAME INDEX is among these.
        Clause::MayAdd(tokens) => tokens.iter().any(|token| name.is(token)),
        Clause::Adds(..) | Clause::Changes(..) | Clause::Neither => false,
    })
}

/// Whether a column's definition may make a key.
fn has_key(definition: &[Token]) -> bool {
    definition.iter().any(|token| token.is_any(&["KEY", PRIMARY, "UNIQUE", "REFERENCES", "CHECK", "SERIAL"]))
}

/// `CONSTRAINT name …`. The index of a foreign key may have another name.
fn is_named(tokens: &[Token], part: Part) -> bool {
    const KINDS: [&str; 5] = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "KEY"];
    let is_name = |token: &Token| token.kind == Kind::Quoted || !token.is_any(&KINDS);
    part != Part::Index && matches!(tokens, [first, name, ..] if first.is_word("CONSTRAINT") && is_name(name))
}

/// What two names of a catalogue are compared as.
pub(crate) fn same(name: &str, plain: &Plain) -> bool {
    unquote(name).eq_ignore_ascii_case(plain.as_str())
}

#[cfg(test)]
mod tests;
