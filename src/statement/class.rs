//! What a statement may do to the transaction it runs in, told by its first words.
//!
//! Measured on MariaDB 10.11 and MySQL 9.7. The strict side is the safe one: what is not known is [`Kind::Ddl`].
//! Executable comments count as code.

use crate::script::lexer::{self, Code, Kind as Token, Modes};
use crate::statement::Statement;
use crate::statement::ddl::Ddl;
use crate::statement::tree::Assignment;
pub use crate::statement::tree::Scope;

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
    /// SET autocommit to something other than 1, or completion_type, and nothing else.
    Autocommit,
    /// The same beside other assignments: only a part of the statement could be left out.
    AutocommitAmongOthers,
    /// SET of global and of session variables in one: the one must not be done twice, the other is made again by whoever
    /// goes on.
    MixedScopes,
    /// SET TRANSACTION and SET @@transaction_isolation: for the next transaction only, which would be one of uturn's own.
    NextTransaction,
    /// SET sql_log_bin to something other than 1: replicas would not see the migration.
    BinlogOff,
    /// SET gtid_next: the server passes over a transaction whose GTID it knows, uturn's rows with it.
    GtidNext,
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
            ["GET", ..] => Kind::Session,
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

/// One assignment of a SET statement.
#[derive(Clone, Debug)]
pub struct Set<'t> {
    /// Of a setting in upper case, of a user variable in lower case.
    pub name: String,
    /// Whose value it is.
    pub scope: Scope,
    /// What is behind the equals sign; empty where there is none.
    pub value: Vec<(Token, &'t str)>,
}

/// The assignments of `SET a = 1, GLOBAL b = 2, @@session.c := 3, @d = 4`; none of another statement.
pub fn sets(sql: &str, modes: Modes) -> Vec<Set<'_>> {
    let tree = Statement::parse(sql, modes);
    let set = |one: &Assignment| {
        let name = one.name.text.trim_matches('`');
        let name = match one.scope {
            Scope::User => name.trim_matches(['"', '\'']).to_lowercase(),
            Scope::Global | Scope::Session | Scope::NextTransaction => name.to_ascii_uppercase(),
        };
        Set { name, scope: one.scope, value: tree.pairs(&one.value.clone().unwrap_or_default()) }
    };
    tree.assignments().iter().map(set).collect()
}

/// True if one of the assignments reaches beyond the session.
fn sets_globals(sql: &str, modes: Modes) -> bool {
    sets(sql, modes).iter().any(|set| set.scope == Scope::Global)
}

/// What is wrong with a statement of this kind in a migration, each thing once.
pub fn hazards(kind: &Kind, sql: &str, modes: Modes) -> Vec<Hazard> {
    let mut found = Vec::new();
    match kind {
        Kind::Transaction(Transaction::Rollback) => found.push(Hazard::Rollback),
        Kind::Transaction(Transaction::Xa) => found.push(Hazard::Xa),
        Kind::Session | Kind::Global => found.extend(of_settings(sql, modes)),
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

/// What is wrong with the assignments of a SET statement.
fn of_settings(sql: &str, modes: Modes) -> Vec<Hazard> {
    let value = |set: &Set| set.value.iter().map(|token| token.1).collect::<String>().to_ascii_uppercase();
    let is_on = |set: &Set| ["1", "ON", "TRUE", "'ON'", "DEFAULT"].contains(&value(set).as_str());
    let is_left_out = |set: &&Set| match set.name.as_str() {
        _ if set.scope == Scope::User => false,
        "AUTOCOMMIT" => !is_on(set),
        // COMMIT would begin a transaction, or end the session.
        "COMPLETION_TYPE" => true,
        _ => false,
    };
    // `SET @old = @@autocommit, autocommit = 0` of a dump: what is kept is of no use either.
    let keeps_it = |set: &&Set| {
        let value = value(set).replace("SESSION.", "");
        set.scope == Scope::User && matches!(value.as_str(), "@@AUTOCOMMIT" | "@@COMPLETION_TYPE")
    };
    let sets = sets(sql, modes);
    let is_set = |name: &str| sets.iter().any(|set| set.name == name && set.scope != Scope::User && !is_on(set));
    let mut found = Vec::new();
    if is_set("SQL_LOG_BIN") {
        found.push(Hazard::BinlogOff);
    }
    if is_set("GTID_NEXT") {
        found.push(Hazard::GtidNext);
    }
    if sets.iter().any(|set| set.scope == Scope::NextTransaction) {
        found.push(Hazard::NextTransaction);
    }
    let globals = sets.iter().filter(|set| set.scope == Scope::Global).count();
    if globals > 0 && globals < sets.len() {
        found.push(Hazard::MixedScopes);
    }
    match sets.iter().filter(is_left_out).count() {
        0 => {}
        some if some + sets.iter().filter(keeps_it).count() == sets.len() => found.push(Hazard::Autocommit),
        _ => found.push(Hazard::AutocommitAmongOthers),
    }
    found
}

fn releases_locks(sql: &str, modes: Modes) -> bool {
    lexer::may_hold(sql, "release", b'_') && {
        let mut tokens = Code::new(sql, modes).peekable();
        let mut found = false;
        while let Some((kind, text)) = tokens.next() {
            let is_name = ["RELEASE_LOCK", "RELEASE_ALL_LOCKS"].iter().any(|name| text.eq_ignore_ascii_case(name));
            found |= kind == Token::Word && is_name && tokens.peek() == Some(&(Token::Punct, "("));
        }
        found
    }
}
