//! What a statement drops and brings back under the same name, compared with what SHOW CREATE TABLE says of it.

use crate::schema::snapshot::Table;
use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::statement::objects::{clauses, is};
use crate::statement::redefine::clause::{Clause, Part, Plain, Tokens};
use crate::statement::redefine::{brings_column, may_bring_key, same};

/// Whether this clause changes the definition, whatever the others do.
pub(super) fn tells(clause: &Clause, all: &[Clause], shown: &Table) -> bool {
    match clause {
        Clause::Drops(Part::ForeignKey, name) => {
            shown.constraints.keys().any(|key| same(key, name)) && !may_bring_key(all, Part::ForeignKey, name)
        }
        Clause::Adds(Part::Index, name, key) => {
            let old = shown.keys.iter().find(|(key, _)| same(key, name));
            old.is_some_and(|(_, old)| is_other_key(old, key))
        }
        Clause::Adds(Part::Column, name, definition) => {
            moves(name, all, shown) || column(shown, name).is_some_and(|old| is_other_column(old, definition))
        }
        Clause::Changes(old, new, definition) if old == new => {
            column(shown, old).is_some_and(|old| is_other_column(old, definition))
        }
        Clause::Changes(..) | Clause::Adds(..) | Clause::Drops(..) => false,
        Clause::MayDrop(..) | Clause::MayAdd(_) | Clause::Neither => false,
    }
}

fn column<'t>(shown: &'t Table, name: &Plain) -> Option<&'t str> {
    shown.columns.iter().find(|column| same(&column.name, name)).map(|column| column.definition.as_str())
}

/// One is unique and the other is not, or they are about other columns.
fn is_other_key(old: &str, new: &Tokens) -> bool {
    let old: Vec<_> = Code::new(old, Modes::default()).collect();
    let is_unique = |key: &Tokens| key.iter().take_while(|token| token.1 != "(").any(|token| is(token, "UNIQUE"));
    is_unique(&old) != is_unique(new) || key_columns(&old).zip(key_columns(new)).is_some_and(|(old, new)| old != new)
}

/// The columns in parentheses. None where one of them is an expression.
fn key_columns(key: &Tokens) -> Option<Vec<Plain>> {
    let open = key.iter().position(|token| token.1 == "(")?;
    let list = &key[open + 1..];
    let mut depth = 0_usize;
    let is_end = |token: &(Token, &str)| {
        match token.1 {
            "(" => depth += 1,
            ")" if depth == 0 => return true,
            ")" => depth -= 1,
            _ => {}
        }
        false
    };
    let end = list.iter().position(is_end)?;
    let name = |part: &&Tokens| match part {
        [(Token::Word | Token::Quoted, name), ..] => Plain::of(name),
        _ => None,
    };
    clauses(&list[..end]).iter().map(name).collect()
}

/// A column that is dropped and added stands at the end. So it did not before, where one that stays stood after it.
fn moves(name: &Plain, all: &[Clause], shown: &Table) -> bool {
    let has_place = |tokens: &Tokens| tokens.iter().any(|token| is(token, "FIRST") || is(token, "AFTER"));
    let may_move = all.iter().any(|clause| match clause {
        Clause::Adds(Part::Column, _, tokens) | Clause::Changes(_, _, tokens) => has_place(tokens),
        Clause::Adds(..) | Clause::Drops(..) | Clause::MayDrop(..) | Clause::MayAdd(_) | Clause::Neither => false,
    });
    let mut after = shown.columns.iter().skip_while(|column| !same(&column.name, name)).skip(1);
    let is_touched = |column: &String| Plain::of(column).is_none_or(|column| is_touched(all, &column));
    !may_move && after.any(|column| !is_touched(&column.name))
}

fn is_touched(all: &[Clause], name: &Plain) -> bool {
    brings_column(all, name) || super::takes_column(all, name)
}

/// They are of other kinds of types, or the new one is NOT NULL and the old one was not.
fn is_other_column(old: &str, new: &Tokens) -> bool {
    let word = |token: Option<&(Token, &str)>| token.and_then(|(_, text)| family(text));
    let old_tokens: Vec<_> = Code::new(old, Modes::default()).collect();
    let is_other_type = word(old_tokens.first()).zip(word(new.first())).is_some_and(|(old, new)| old != new);
    let nulls = new.iter().filter(|token| is(token, "NULL")).count();
    let is_not_null = new.windows(2).any(|two| is(&two[0], "NOT") && is(&two[1], "NULL")) && nulls == 1;
    is_other_type || is_not_null && outer_not_null(new) && !old.contains("NOT NULL")
}

/// Not in an expression.
fn outer_not_null(definition: &Tokens) -> bool {
    let not = definition.iter().position(|token| is(token, "NOT")).unwrap_or(definition.len());
    let depth = |mark: &str| definition[..not].iter().filter(|token| token.1 == mark).count();
    depth("(") == depth(")")
}

/// Types of one family may be one type, by a synonym, a setting of the server, or since the length asks for another one. Those
/// of two families never are. None for a type that is not known here.
fn family(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" => "integer",
        "decimal" | "numeric" | "dec" | "fixed" => "decimal",
        "float" | "double" | "real" => "float",
        "date" | "datetime" | "timestamp" | "time" | "year" => "time",
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => "text",
        "enum" => "enum",
        "set" => "set",
        _ => return None,
    })
}
