//! Reads ONE statement into a small typed tree with spans; every question about a statement is asked of that tree. What it does
//! not know is `Other`, and every question must answer for it: never silence.
//!
//! It reads what both servers accept, and what only one of them does. What is in an executable comment is code here: whether
//! a server runs it depends on its version.

pub mod builtin_functions;
pub mod class;
#[cfg(test)]
mod corpus;
pub(crate) mod cursor;
pub mod ddl;
pub mod deterministic;
pub mod effects;
pub(crate) mod identifier;
pub mod insert_pattern;
pub mod names;
pub mod objects;
pub mod outside_database;
mod parse_alter;
mod parse_dml;
mod parse_head;
mod parse_object;
mod parse_set;
mod parse_table;
pub mod redefine;
pub mod row_effects;
pub mod secrets;
pub mod session_effects;
pub mod table_change;
pub mod targets;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

use crate::script::lexer::{Kind, Lexer, Modes, Upper};
use crate::statement::cursor::{Cursor, Span, Token, is_code};
use crate::statement::tree::{Assignment, Change, Form, OptionKind, TableOption, Transaction};

/// A statement, read once.
#[derive(Clone, Debug)]
pub struct Statement<'a> {
    pub(crate) text: &'a str,
    /// Up to the VALUES of an INSERT, all of another statement.
    pub(crate) tokens: Vec<Token<'a>>,
    pub(crate) form: Form<'a>,
    /// The first token that is no opening parenthesis.
    pub(crate) start: usize,
    /// A part of it is code for some servers only.
    pub(crate) has_executable_comment: bool,
    /// The rows of an INSERT, which can be megabytes long and are read only where they are asked for.
    rows: Option<Lexer<'a>>,
}

impl<'a> Statement<'a> {
    /// Reads one statement without its delimiter, as its session would.
    pub fn parse(text: &'a str, modes: Modes) -> Statement<'a> {
        let mut lexer = Lexer::new(text, modes);
        let (tokens, has_executable_comment, is_cut) = parse_dml::head(text, &mut lexer);
        let start = tokens.iter().take_while(|token| token.is("(")).count();
        let mut cursor = Cursor::new(&tokens);
        cursor.seek(start);
        let form = form(&mut cursor);
        Statement { text, form, start, has_executable_comment, rows: is_cut.then_some(lexer), tokens }
    }

    /// The first word of the statement, in upper case as far as it can be a keyword.
    pub(crate) fn first(&self) -> Upper {
        Upper::of(self.tokens.get(self.start).map_or("", |token| token.text))
    }

    /// All tokens, those of the rows as they are reached.
    pub(crate) fn all(&self) -> impl Iterator<Item = Token<'a>> + '_ {
        let text = self.text;
        let rows = self.rows.clone().into_iter().flatten().filter(|token| is_code(token.kind));
        let rows =
            rows.map(move |token| Token { kind: token.kind, text: &text[token.span.clone()], at: token.span.start });
        self.tokens.iter().copied().chain(rows)
    }

    /// Of SET; none of another statement.
    pub(crate) fn assignments(&self) -> &[Assignment<'a>] {
        if let Form::Set(all) = &self.form { all } else { &[] }
    }

    /// Of CREATE and ALTER TABLE; none of another statement.
    pub(crate) fn table_options(&self) -> impl Iterator<Item = &TableOption<'a>> {
        let created = if let Form::CreateTable(table) = &self.form { &table.options[..] } else { &[] };
        let clauses = if let Form::AlterTable(alter) = &self.form { &alter.clauses[..] } else { &[] };
        let altered = clauses
            .iter()
            .filter_map(|clause| if let Change::Option(option) = &clause.change { Some(option) } else { None });
        created.iter().chain(altered)
    }

    /// The engine that CREATE or ALTER TABLE names, and the place of its word.
    pub(crate) fn engine(&self) -> Option<(usize, &'a str)> {
        let option = self.table_options().find(|option| option.kind == OptionKind::Engine)?;
        let name = self.tokens.get(option.value.start).filter(|_| !option.value.is_empty())?;
        Some((option.name.at, name.literal()))
    }

    /// Some of its tokens, as kinds and texts.
    pub(crate) fn pairs(&self, span: &Span) -> Vec<(Kind, &'a str)> {
        self.tokens[span.clone()].iter().map(|token| (token.kind, token.text)).collect()
    }

    /// The bytes of each token, in order: with what is between them they are the text.
    pub fn spans(&self) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
        self.all().map(|token| token.at..token.end())
    }

    /// The bytes of some of its tokens, with what is between them.
    pub(crate) fn bytes(&self, span: &Span) -> std::ops::Range<usize> {
        match self.tokens.get(span.clone()) {
            Some([first, .., last]) => first.at..last.end(),
            Some([one]) => one.at..one.end(),
            Some([]) | None => 0..0,
        }
    }
}

/// Reads what the statement is, from its first word on.
fn form<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    let Some(first) = cursor.peek().filter(|token| token.kind == Kind::Word) else { return Form::Other };
    match Upper::of(first.text).as_str() {
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "SELECT" | "WITH" | "VALUES" | "TABLE" | "DO" => {
            Form::Dml(parse_dml::dml(cursor, false))
        }
        "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE" => parse_object::ddl(cursor),
        "SET" => parse_set::set(cursor),
        "GRANT" | "REVOKE" => Form::Rights,
        "LOAD" => parse_dml::load(cursor),
        "ANALYZE" | "CHECK" | "OPTIMIZE" | "REPAIR" => parse_object::maintenance(cursor),
        "LOCK" | "UNLOCK" | "HANDLER" => Form::Lock,
        "FLUSH" if keeps_a_lock(cursor.rest()) => Form::Lock,
        "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR" => Form::Compound,
        "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "HELP" => Form::Show,
        "GET" => Form::Diagnostics,
        "BEGIN" | "START" | "COMMIT" | "ROLLBACK" | "SAVEPOINT" | "RELEASE" | "XA" => transaction(cursor),
        "USE" | "CALL" | "EXECUTE" | "PREPARE" | "DEALLOCATE" => named(cursor),
        _ => Form::Other,
    }
}

/// A word and the name after it.
fn named<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    let verb = cursor.next().map_or(Upper::of(""), |token| Upper::of(token.text));
    match verb.as_str() {
        "USE" => Form::Use(cursor.ident()),
        "CALL" => Form::Call(cursor.name()),
        "EXECUTE" if cursor.eat(&["IMMEDIATE"]) => Form::Execute(None),
        "EXECUTE" => Form::Execute(cursor.ident()),
        "PREPARE" => Form::Prepare(cursor.ident()),
        "DEALLOCATE" => {
            cursor.eat(&["PREPARE"]);
            Form::Deallocate(cursor.ident())
        }
        _ => Form::Other,
    }
}

/// FLUSH TABLES WITH READ LOCK, FLUSH TABLES t FOR EXPORT.
fn keeps_a_lock(tokens: &[Token]) -> bool {
    tokens.windows(2).any(|two| {
        two[0].is_word("READ") && two[1].is_word("LOCK") || two[0].is_word("FOR") && two[1].is_word("EXPORT")
    })
}

fn transaction<'a>(cursor: &mut Cursor<'_, 'a>) -> Form<'a> {
    let Some(first) = cursor.next() else { return Form::Other };
    Form::Transaction(match Upper::of(first.text).as_str() {
        "BEGIN" if cursor.is_at_end() || cursor.sees(&["WORK"]) => Transaction::Begin,
        "BEGIN" => return Form::Compound,
        "START" if cursor.sees(&["TRANSACTION"]) => Transaction::Begin,
        "COMMIT" => {
            cursor.eat(&["WORK"]);
            if cursor.sees(&["AND", "CHAIN"]) { Transaction::CommitAndChain } else { Transaction::Commit }
        }
        "ROLLBACK" => Transaction::Rollback,
        "SAVEPOINT" => Transaction::Savepoint,
        "RELEASE" => Transaction::Release,
        "XA" => Transaction::Xa,
        _ => return Form::Other,
    })
}
