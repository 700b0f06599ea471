//! What a statement may do to the transaction it runs in, told by its first words.
//!
//! Measured on MariaDB 10.11 and MySQL 9.7. The strict side is the safe one: what is not known is [`Kind::Ddl`].
//! Executable comments count as code.

use crate::model::ddl::Ddl;
use crate::model::lexer::{Code, Kind as Token, Modes, Upper};

/// How a statement has to be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Reads or changes rows and commits nothing: may share a transaction with the journal.
    Dml,
    /// May hold anything: CALL, EXECUTE, compound statements outside of routines, SET STATEMENT … FOR.
    Call,
    /// Changes only this session, and is lost with it.
    Session,
    /// SET GLOBAL and SET PERSIST.
    Global,
    /// Opens, ends or divides a transaction.
    Transaction(Transaction),
    /// Takes or drops locks that the journal would run into.
    Lock,
    /// ANALYZE, CHECK, OPTIMIZE and REPAIR of tables: they report their errors as rows.
    Maintenance,
    /// LOAD DATA LOCAL and LOAD XML LOCAL: the server asks the client for a file.
    LoadLocal,
    /// Commits before and after itself, or is unknown.
    Ddl(Ddl),
}

/// What a transaction statement does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transaction {
    /// BEGIN and START TRANSACTION.
    Begin,
    /// COMMIT.
    Commit,
    /// COMMIT AND CHAIN: the next one begins at once.
    CommitAndChain,
    /// ROLLBACK, also ROLLBACK TO SAVEPOINT.
    Rollback,
    /// SAVEPOINT.
    Savepoint,
    /// RELEASE SAVEPOINT.
    Release,
    /// XA.
    Xa,
}

/// What breaks the journal, or replicas, when it stands in a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hazard {
    /// ROLLBACK takes the journal's rows with it.
    Rollback,
    /// XA transactions outlive the session.
    Xa,
    /// SET autocommit to something other than 1, or completion_type.
    Autocommit,
    /// SET sql_log_bin to something other than 1: replicas would not see the migration.
    BinlogOff,
    /// RELEASE_LOCK() or RELEASE_ALL_LOCKS(): lets a second runner in.
    ReleasesLocks,
}

impl Kind {
    /// The kind of one statement without its delimiter, read as its session would.
    pub fn of(sql: &str, modes: Modes) -> Kind {
        let words = first_words(sql, modes);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "SELECT" | "WITH" | "VALUES" | "TABLE" | "DO", ..] => {
                Kind::Dml
            }
            ["LOAD", "DATA" | "XML", ..] => match words.iter().take(4).any(|word| *word == "LOCAL") {
                true => Kind::LoadLocal,
                false => Kind::Dml,
            },
            ["CALL" | "EXECUTE" | "IF" | "CASE" | "LOOP" | "WHILE" | "REPEAT" | "FOR", ..] => Kind::Call,
            ["BEGIN"] | ["BEGIN", "WORK", ..] | ["START", "TRANSACTION", ..] => Kind::Transaction(Transaction::Begin),
            ["BEGIN", ..] => Kind::Call,
            ["COMMIT", "AND", "CHAIN", ..] | ["COMMIT", "WORK", "AND", "CHAIN", ..] => {
                Kind::Transaction(Transaction::CommitAndChain)
            }
            ["COMMIT", ..] => Kind::Transaction(Transaction::Commit),
            ["ROLLBACK", ..] => Kind::Transaction(Transaction::Rollback),
            ["SAVEPOINT", ..] => Kind::Transaction(Transaction::Savepoint),
            ["RELEASE", ..] => Kind::Transaction(Transaction::Release),
            ["XA", ..] => Kind::Transaction(Transaction::Xa),
            ["SET", "STATEMENT", ..] => Kind::Call,
            ["SET", "PASSWORD", ..] | ["SET", "DEFAULT", "ROLE", ..] => Kind::Ddl(Ddl::of(sql, modes)),
            ["SET", ..] => match sets_globals(sql, modes) {
                true => Kind::Global,
                false => Kind::Session,
            },
            ["USE" | "PREPARE" | "DEALLOCATE" | "SHOW" | "DESC" | "DESCRIBE" | "EXPLAIN" | "HELP", ..] => Kind::Session,
            ["DROP", "PREPARE", ..] => Kind::Session,
            ["CREATE" | "DROP", "TEMPORARY", ..] | ["CREATE", "OR", "REPLACE", "TEMPORARY", ..] => Kind::Session,
            ["LOCK" | "UNLOCK" | "HANDLER", ..] => Kind::Lock,
            ["FLUSH", ..] if keeps_a_lock(sql, modes) => Kind::Lock,
            ["ANALYZE" | "CHECK" | "OPTIMIZE" | "REPAIR", next, ..] if is_table_list(next) => Kind::Maintenance,
            // MariaDB runs the statement that it analyzes.
            ["ANALYZE", "FORMAT" | "SELECT" | "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "WITH" | "(", ..] => {
                Kind::Dml
            }
            _ => Kind::Ddl(Ddl::of(sql, modes)),
        }
    }
}

/// Enough of a statement to tell its kind: words in upper case, other tokens as they are, parentheses before it left out.
fn first_words(sql: &str, modes: Modes) -> Vec<String> {
    let tokens = Code::new(sql, modes).skip_while(|token| *token == (Token::Punct, "("));
    tokens.take(6).map(|(_, text)| text[..text.floor_char_boundary(32)].to_ascii_uppercase()).collect()
}

fn is_table_list(word: &str) -> bool {
    matches!(word, "TABLE" | "TABLES" | "VIEW" | "NO_WRITE_TO_BINLOG" | "LOCAL")
}

/// FLUSH TABLES WITH READ LOCK, FLUSH TABLES t FOR EXPORT.
fn keeps_a_lock(sql: &str, modes: Modes) -> bool {
    has_pair(sql, modes, "READ", "LOCK") || has_pair(sql, modes, "FOR", "EXPORT")
}

fn has_pair(sql: &str, modes: Modes, first: &str, second: &str) -> bool {
    let words = Code::new(sql, modes).map(|(_, text)| text);
    let next = Code::new(sql, modes).skip(1).map(|(_, text)| text);
    words.zip(next).any(|(a, b)| a.eq_ignore_ascii_case(first) && b.eq_ignore_ascii_case(second))
}

/// True if one of the assignments reaches beyond the session.
fn sets_globals(sql: &str, modes: Modes) -> bool {
    assignments(sql, modes).iter().any(|assignment| {
        let scope = assignment.iter().map(|token| token.1).find(|text| *text != "@").unwrap_or("");
        let is_user_variable =
            assignment.first().is_some_and(|t| t.1 == "@") && assignment.get(1).is_some_and(|t| t.1 != "@");
        !is_user_variable && matches!(Upper::of(scope).as_str(), "GLOBAL" | "PERSIST" | "PERSIST_ONLY")
    })
}

/// The tokens of each assignment of a SET statement.
fn assignments(sql: &str, modes: Modes) -> Vec<Vec<(Token, &str)>> {
    let mut all = vec![Vec::new()];
    let mut depth = 0_usize;
    for token in Code::new(sql, modes).skip(1) {
        match token {
            (Token::Punct, "(") => depth += 1,
            (Token::Punct, ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        match all.last_mut() {
            Some(last) if token != (Token::Punct, ",") || depth > 0 => last.push(token),
            _ => all.push(Vec::new()),
        }
    }
    all
}

/// What is wrong with a statement in a migration, each thing once.
pub fn hazards(sql: &str, modes: Modes) -> Vec<Hazard> {
    let mut found = Vec::new();
    match Kind::of(sql, modes) {
        Kind::Transaction(Transaction::Rollback) => found.push(Hazard::Rollback),
        Kind::Transaction(Transaction::Xa) => found.push(Hazard::Xa),
        Kind::Session | Kind::Global => found.extend(settings(sql, modes)),
        Kind::Transaction(
            Transaction::Begin
            | Transaction::Commit
            | Transaction::CommitAndChain
            | Transaction::Savepoint
            | Transaction::Release,
        ) => {}
        Kind::Dml | Kind::Call | Kind::Lock | Kind::Maintenance | Kind::LoadLocal | Kind::Ddl(_) => {}
    }
    if releases_locks(sql, modes) {
        found.push(Hazard::ReleasesLocks);
    }
    found
}

/// The settings that a SET statement changes for the worse.
fn settings(sql: &str, modes: Modes) -> Vec<Hazard> {
    if first_words(sql, modes).first().is_none_or(|word| word != "SET") {
        return Vec::new();
    }
    let mut found = Vec::new();
    for assignment in assignments(sql, modes) {
        let Some(equals) = assignment.iter().position(|token| token.1 == "=") else { continue };
        let mut names = assignment[..equals].iter().map(|token| token.1.trim_matches('`'));
        let name = names.rfind(|name| *name != ":").unwrap_or("");
        let value = assignment[equals + 1..].iter().map(|token| token.1).collect::<String>();
        let is_on = ["1", "on", "true", "'on'", "default"].iter().any(|on| value.eq_ignore_ascii_case(on));
        let is_user_variable = matches!(assignment[..equals], [(_, "@"), (_, next), ..] if next != "@");
        match Upper::of(name).as_str() {
            "AUTOCOMMIT" if !is_on && !is_user_variable => found.push(Hazard::Autocommit),
            // COMMIT would begin a transaction, or end the session.
            "COMPLETION_TYPE" if !is_user_variable => found.push(Hazard::Autocommit),
            "SQL_LOG_BIN" if !is_on && !is_user_variable => found.push(Hazard::BinlogOff),
            _ => {}
        }
    }
    found
}

fn releases_locks(sql: &str, modes: Modes) -> bool {
    // Statements of megabytes seldom hold the word at all: look for that first.
    let has_word =
        memchr::memchr_iter(b'_', sql.as_bytes()).any(|at| sql.as_bytes()[..at].ends_with_ignore_case(b"release"));
    has_word && {
        let mut tokens = Code::new(sql, modes).peekable();
        let mut found = false;
        while let Some((kind, text)) = tokens.next() {
            let is_name = ["RELEASE_LOCK", "RELEASE_ALL_LOCKS"].iter().any(|name| text.eq_ignore_ascii_case(name));
            found |= kind == Token::Word && is_name && tokens.peek() == Some(&(Token::Punct, "("));
        }
        found
    }
}

trait EndsWith {
    fn ends_with_ignore_case(&self, end: &[u8]) -> bool;
}

impl EndsWith for [u8] {
    fn ends_with_ignore_case(&self, end: &[u8]) -> bool {
        self.len() >= end.len() && self[self.len() - end.len()..].eq_ignore_ascii_case(end)
    }
}
