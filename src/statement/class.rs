//! What a statement may do to the transaction it runs in, by its tree.
//!
//! Measured on MariaDB 10.11 and MySQL 9.7. The strict side is the safe one: what is not known is [`Kind::Ddl`].
//! Executable comments count as code.

use crate::script::lexer::{self, Code, Kind as Token, Modes};
use crate::statement::Statement;
use crate::statement::ddl::Ddl;
use crate::statement::tree::{Assignment, Form, Verb};
pub use crate::statement::tree::{Scope, Transaction};

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
        Kind::read(&Statement::parse(sql, modes))
    }

    /// The kind of a statement that was read.
    pub(crate) fn read(tree: &Statement) -> Kind {
        match &tree.form {
            Form::CreateTable(new) if new.is_temporary => Kind::Session,
            Form::DropTable(drop) if drop.is_temporary => Kind::Session,
            Form::Object(object) if object.is_temporary && matches!(object.verb, Verb::Create | Verb::Drop) => {
                Kind::Session
            }
            Form::Set(all) if all.iter().any(|one| one.scope == Scope::Global) => Kind::Global,
            Form::Set(_) | Form::Use(_) | Form::Prepare(_) | Form::Deallocate(_) => Kind::Session,
            Form::Show | Form::Diagnostics => Kind::Session,
            Form::Dml(_) => Kind::Dml,
            Form::Load(load) => {
                if load.is_local {
                    Kind::LoadLocal
                } else {
                    Kind::Dml
                }
            }
            Form::SetStatement(_) | Form::Call(_) | Form::Execute(_) | Form::Compound => Kind::Call,
            Form::Transaction(one) => Kind::Transaction(*one),
            Form::Lock => Kind::Lock,
            Form::Maintenance(_) => Kind::Maintenance,
            Form::CreateTable(_) | Form::AlterTable(_) | Form::DropTable(_) | Form::RenameTables(_) => {
                Kind::Ddl(Ddl::read(tree))
            }
            Form::Truncate(_) | Form::CreateIndex(_) | Form::DropIndex(_) | Form::Object(_) | Form::Rights => {
                Kind::Ddl(Ddl::read(tree))
            }
            Form::Other => Kind::Ddl(Ddl::read(tree)),
        }
    }
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
