//! What one clause of an ALTER TABLE does to the names of columns and keys.

use crate::script::lexer::Kind as Token;
use crate::statement::names::unquote;
use crate::statement::objects::{clauses, is, skip, skip_if};

pub(super) type Tokens<'a> = [(Token, &'a str)];

/// A name whose letters every server compares alike: without regard to case, and ASCII only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Plain(String);

impl Plain {
    /// None of any other name, nor of the column that MySQL can hide: that of a primary key which it makes by itself.
    pub(super) fn of(name: &str) -> Option<Plain> {
        let name = unquote(name).to_ascii_lowercase();
        (name.is_ascii() && name != "my_row_id").then_some(Plain(name))
    }

    /// The name that a token is. `IF EXISTS` is none.
    fn named(token: &(Token, &str)) -> Option<Plain> {
        let is_name = matches!(token.0, Token::Word | Token::Quoted) && !is(token, "IF");
        if is_name { Plain::of(token.1) } else { None }
    }

    pub(super) fn is(&self, token: &(Token, &str)) -> bool {
        matches!(token.0, Token::Word | Token::Quoted) && unquote(token.1).eq_ignore_ascii_case(&self.0)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The primary key's name, and its word.
pub(super) const PRIMARY: &str = "PRIMARY";

/// What may follow a DROP or an ADD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
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
pub(super) enum Clause<'t, 'a> {
    /// `DROP …`: an error where there is none of that name.
    Drops(Part, Plain),
    /// `DROP … IF EXISTS`.
    MayDrop(Part, Plain),
    /// `ADD …` with a name: an error where there is one already. A column's definition, or all of a key's.
    Adds(Part, Plain, &'t Tokens<'a>),
    /// `CHANGE`, `RENAME COLUMN`, `MODIFY`: old name, new name, and what stands after it.
    Changes(Plain, Plain, &'t Tokens<'a>),
    /// It drops no column, but may add a key or a column whose name is not read here, or is there already.
    MayAdd(&'t Tokens<'a>),
    /// It says how the statement runs, or changes what has no name.
    Neither,
}

/// The clauses that follow the table's name. None where one of them is not known here.
pub(super) fn read<'t, 'a>(after_table: &'t Tokens<'a>) -> Option<Vec<Clause<'t, 'a>>> {
    let mut found = Vec::new();
    for tokens in clauses(after_table) {
        let (verb, rest) = tokens.split_first()?;
        match verb.1.to_ascii_uppercase().as_str() {
            _ if verb.0 != Token::Word => return None,
            "ALGORITHM" | "LOCK" | "FORCE" | "ALTER" => found.push(Clause::Neither),
            option if OPTIONS.contains(&option) && !has_partitions(tokens) => found.push(Clause::Neither),
            "DROP" => found.push(drops(rest)?),
            "ADD" => adds(rest, &mut found)?,
            "CHANGE" => {
                let [old, new, definition @ ..] = skip(rest, "COLUMN") else { return None };
                found.push(Clause::Changes(Plain::named(old)?, Plain::named(new)?, definition));
            }
            "MODIFY" => {
                let [name, definition @ ..] = skip(rest, "COLUMN") else { return None };
                found.push(Clause::Changes(Plain::named(name)?, Plain::named(name)?, definition));
            }
            "RENAME" => found.push(renames(rest)?),
            _ => return None,
        }
    }
    Some(found)
}

/// The first words of options of a table.
const OPTIONS: [&str; 9] =
    ["ENGINE", "COMMENT", "AUTO_INCREMENT", "ROW_FORMAT", "CONVERT", "DEFAULT", "CHARACTER", "CHARSET", "COLLATE"];

/// `CONVERT PARTITION p TO TABLE t`, or PARTITION BY after the options.
fn has_partitions(tokens: &Tokens) -> bool {
    tokens.iter().any(|token| is(token, "PARTITION") || is(token, "PARTITIONING") || is(token, "TABLE"))
}

fn drops<'t, 'a>(rest: &'t Tokens<'a>) -> Option<Clause<'t, 'a>> {
    let first = |word: &str| rest.first().is_some_and(|token| is(token, word));
    if first("PARTITION") || first("PERIOD") || first("SYSTEM") {
        return None;
    }
    if first(PRIMARY) {
        return Some(Clause::Drops(Part::Index, Plain::of(PRIMARY)?));
    }
    let (part, rest) = match rest {
        [_, _, rest @ ..] if first("FOREIGN") => (Part::ForeignKey, rest),
        [_, rest @ ..] if first("INDEX") || first("KEY") => (Part::Index, rest),
        [_, rest @ ..] if first("CONSTRAINT") || first("CHECK") => (Part::Constraint, rest),
        rest => (Part::Column, skip(rest, "COLUMN")),
    };
    let named = skip_if(rest);
    let name = Plain::named(named.first()?)?;
    match named.len() == rest.len() {
        true => Some(Clause::Drops(part, name)),
        false => Some(Clause::MayDrop(part, name)),
    }
}

/// After ADD, or one entry of `ADD (…, …)`.
fn adds<'t, 'a>(rest: &'t Tokens<'a>, found: &mut Vec<Clause<'t, 'a>>) -> Option<()> {
    let is_column = rest.first().is_some_and(|token| is(token, "COLUMN"));
    let rest = skip(rest, "COLUMN");
    if let [(Token::Punct, "("), list @ ..] = rest {
        let end = list.iter().rposition(|token| token.1 == ")")?;
        return clauses(&list[..end]).into_iter().try_for_each(|entry| adds(entry, found));
    }
    let first = |words: &[&str]| rest.first().is_some_and(|token| words.iter().any(|word| is(token, word)));
    let clause = if is_column {
        adds_column(rest)?
    } else if first(&["PARTITION", "PERIOD", "SYSTEM"]) {
        return None;
    } else if first(&["CONSTRAINT", "FOREIGN", "CHECK"]) {
        Clause::MayAdd(rest)
    } else if first(&[PRIMARY]) {
        Clause::Adds(Part::Index, Plain::of(PRIMARY)?, rest)
    } else if first(&["INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL"]) {
        adds_index(rest)?
    } else {
        adds_column(rest)?
    };
    found.push(clause);
    Some(())
}

fn adds_column<'t, 'a>(rest: &'t Tokens<'a>) -> Option<Clause<'t, 'a>> {
    match rest {
        [condition, ..] if is(condition, "IF") => Some(Clause::MayAdd(rest)),
        [name, definition @ ..] => Some(Clause::Adds(Part::Column, Plain::named(name)?, definition)),
        [] => None,
    }
}

/// `[UNIQUE] KEY name (…)`; one without a name gets one from its first column.
fn adds_index<'t, 'a>(rest: &'t Tokens<'a>) -> Option<Clause<'t, 'a>> {
    let is_kind =
        |token: &&(Token, &str)| ["UNIQUE", "FULLTEXT", "SPATIAL", "INDEX", "KEY"].iter().any(|word| is(token, word));
    let kinds = rest.iter().take_while(is_kind).count();
    match &rest[kinds..] {
        [(Token::Punct, _), ..] => Some(Clause::MayAdd(rest)),
        [name, (Token::Punct, "("), ..] => Some(Clause::Adds(Part::Index, Plain::named(name)?, rest)),
        _ => Some(Clause::MayAdd(rest)),
    }
}

fn renames<'t, 'a>(rest: &'t Tokens<'a>) -> Option<Clause<'t, 'a>> {
    match rest {
        [what, old, _, new] if is(what, "COLUMN") => Some(Clause::Changes(Plain::named(old)?, Plain::named(new)?, &[])),
        [what, ..] if is(what, "INDEX") || is(what, "KEY") => Some(Clause::MayAdd(rest)),
        _ => None,
    }
}
