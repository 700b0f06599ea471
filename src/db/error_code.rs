//! Named predicates over server error numbers. The numbers are those of the servers' manuals ("Server Error Message
//! Reference"), the same on MySQL and MariaDB unless said otherwise.

use crate::error::Said;

/// The server's own words, if it is the server that failed and not the connection.
pub fn said(error: &mysql::Error) -> Option<Said> {
    match error {
        mysql::Error::MySqlError(e) => Some(Said { number: e.code, state: e.state.clone(), text: e.message.clone() }),
        _ => None,
    }
}

fn number(error: &mysql::Error) -> u16 {
    said(error).map_or(0, |said| said.number)
}

/// ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR: user or password is wrong.
pub fn is_login_refused(error: &mysql::Error) -> bool {
    matches!(number(error), 1045 | 1698)
}

/// ER_SECURE_TRANSPORT_REQUIRED: require_secure_transport.
pub fn wants_tls(error: &mysql::Error) -> bool {
    number(error) == 3159
}

/// The same, or what is said of an account with REQUIRE SSL that comes without.
pub fn may_want_tls(error: &mysql::Error) -> bool {
    wants_tls(error) || is_login_refused(error)
}

/// Whether the server itself has said something.
pub fn is_answer(error: &mysql::Error) -> bool {
    said(error).is_some()
}

/// ER_ACCOUNT_HAS_BEEN_LOCKED of MySQL, and of MariaDB; MySQL's and MariaDB's for a time, after wrong passwords.
pub fn is_account_locked(error: &mysql::Error) -> bool {
    matches!(number(error), 3118 | 4151 | 3955 | 4150)
}

/// ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN.
pub fn is_password_expired(error: &mysql::Error) -> bool {
    matches!(number(error), 1820 | 1862)
}

/// ER_HOST_IS_BLOCKED, ER_HOST_NOT_PRIVILEGED.
pub fn is_host_refused(error: &mysql::Error) -> bool {
    matches!(number(error), 1129 | 1130)
}

/// ER_USER_LIMIT_REACHED of `max_user_connections`, ER_TOO_MANY_USER_CONNECTIONS.
pub fn is_account_full(error: &mysql::Error) -> bool {
    matches!(number(error), 1203 | 1226)
}

/// ER_USER_LIMIT_REACHED of one of the limits of an hour.
pub fn is_hourly_limit(error: &mysql::Error) -> bool {
    said(error).is_some_and(|said| said.number == 1226 && !said.text.contains("max_user_connections"))
}

/// ER_CON_COUNT_ERROR.
pub fn is_server_full(error: &mysql::Error) -> bool {
    number(error) == 1040
}

/// ER_DBACCESS_DENIED_ERROR, ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR.
pub fn is_right_missing(error: &mysql::Error) -> bool {
    matches!(number(error), 1044 | 1142 | 1143 | 1227 | 1370)
}

/// ER_BAD_DB_ERROR.
pub fn is_no_database(error: &mysql::Error) -> bool {
    number(error) == 1049
}

/// ER_STATEMENT_TIMEOUT (MariaDB), ER_QUERY_TIMEOUT (MySQL).
pub fn is_out_of_time(error: &mysql::Error) -> bool {
    matches!(number(error), 1969 | 3024)
}

/// ER_NO_SUCH_TABLE.
pub fn is_no_such_table(error: &mysql::Error) -> bool {
    number(error) == 1146
}

/// ER_OPTION_PREVENTS_STATEMENT (read_only), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE.
pub fn is_read_only(error: &mysql::Error) -> bool {
    matches!(number(error), 1290 | 1792 | 1836)
}

/// ER_PARSE_ERROR.
pub fn is_syntax(error: &mysql::Error) -> bool {
    number(error) == 1064
}

/// ER_DUP_ENTRY, ER_DUP_ENTRY_WITH_KEY_NAME.
pub fn is_duplicate(error: &mysql::Error) -> bool {
    matches!(number(error), 1062 | 1586)
}

/// ER_DATA_OUT_OF_RANGE: what a row of uturn's answers where the lock is not this session's, or the run's number is taken.
pub const FENCED: u16 = 1690;

/// See there.
pub fn is_fenced(error: &mysql::Error) -> bool {
    number(error) == FENCED
}

/// ER_SP_DOES_NOT_EXIST, which RELEASE SAVEPOINT answers when the savepoint is gone: the statement before it crossed a
/// transaction boundary.
pub fn is_savepoint_gone(error: &mysql::Error) -> bool {
    number(error) == 1305
}

/// ER_SP_DOES_NOT_EXIST: there is no such routine.
pub fn is_no_such_routine(error: &mysql::Error) -> bool {
    number(error) == 1305
}

/// ER_UNKNOWN_STMT_HANDLER: EXECUTE of what was not prepared.
pub fn is_unknown_statement(error: &mysql::Error) -> bool {
    number(error) == 1243
}

/// ER_CANT_CHANGE_TX_CHARACTERISTICS, which SET TRANSACTION answers exactly where a transaction is open.
pub fn is_transaction_open(error: &mysql::Error) -> bool {
    number(error) == 1568
}

/// ER_BAD_FIELD_ERROR.
pub fn is_no_such_column(error: &mysql::Error) -> bool {
    number(error) == 1054
}

/// ER_BAD_DB_ERROR, ER_BAD_FIELD_ERROR, ER_NO_SUCH_TABLE, ER_UNKNOWN_PARTITION, ER_PARTITION_CLAUSE_ON_NONPARTITIONED: what
/// was to be counted is not there.
pub fn is_absent(error: &mysql::Error) -> bool {
    matches!(number(error), 1049 | 1054 | 1146 | 1735 | 1747)
}

/// What an ALTER answers that cannot be done with this ALGORITHM or this LOCK: ER_ALTER_OPERATION_NOT_SUPPORTED, the same
/// with a reason, ER_WRONG_USAGE (INSTANT takes no LOCK), ER_UNKNOWN_ALTER_ALGORITHM, ER_INNODB_MAX_ROW_VERSION (MySQL).
pub fn is_not_this_way(error: &mysql::Error) -> bool {
    matches!(number(error), 1845 | 1846 | 1221 | 1800 | 4092)
}

/// ER_TABLE_DEF_CHANGED: the table was rebuilt after this session's view of the data was made.
pub fn is_definition_changed(error: &mysql::Error) -> bool {
    number(error) == 1412
}

/// ER_LOCK_DEADLOCK: the whole transaction has been rolled back.
pub fn is_deadlock(error: &mysql::Error) -> bool {
    number(error) == 1213
}

/// Another session's locks were in the way.
pub fn is_locked_out(error: &mysql::Error) -> bool {
    is_lock_timeout(error) || is_deadlock(error)
}

/// ER_LOCK_WAIT_TIMEOUT, for metadata locks and for row locks.
pub fn is_lock_timeout(error: &mysql::Error) -> bool {
    number(error) == 1205
}

/// The same, as a row of ANALYZE or OPTIMIZE, which has no number.
pub fn tells_lock_timeout(text: &str) -> bool {
    text.starts_with("Lock wait timeout exceeded")
}

/// ER_QUERY_INTERRUPTED: KILL QUERY.
pub fn was_killed(said: &Said) -> bool {
    said.number == 1317
}

/// Both of them: another session has the lock.
pub fn is_lock_conflict(said: &Said) -> bool {
    matches!(said.number, 1205 | 1213)
}

/// What a down answers where there is nothing to take back, because its up stopped before: there is no such database,
/// table, column, key, routine, trigger, event, user, sequence or view; or it is there still, and cannot be put back.
pub fn is_nothing_to_take_back(said: &Said) -> bool {
    const NOT_THERE: [u16; 13] = [1008, 1051, 1054, 1091, 1146, 1176, 1305, 1360, 1396, 1539, 3821, 3940, 1347];
    const THERE_STILL: [u16; 11] = [1007, 1022, 1050, 1060, 1061, 1068, 1304, 1359, 1537, 1826, 3822];
    let is_none = matches!(said.number, 4091 | 4092) && said.state == NONE_OF_MARIADB;
    let is_there = THERE_STILL.contains(&said.number) || is_foreign_key_there(&said.to_string());
    is_none || NOT_THERE.contains(&said.number) || is_there
}

/// ER_CANT_CREATE_TABLE with HA_ERR_FOUND_DUPP_KEY: what MariaDB says of a foreign key that is there already, where MySQL says
/// ER_FK_DUP_NAME (1826). Every language writes `errno: 121 "…"` in its own words, but the number and the quote alike.
pub fn is_foreign_key_there(said: &str) -> bool {
    let reason = said.rsplit('(').next().unwrap_or_default();
    said.starts_with("1005 ") && reason.contains(": 121 \"")
}

/// The SQLSTATE of ER_UNKNOWN_VIEW and ER_UNKNOWN_SEQUENCES, whose numbers mean other things on MySQL.
const NONE_OF_MARIADB: &str = "42S02";

/// ER_BAD_TABLE_ERROR; of views and sequences on MariaDB ER_UNKNOWN_VIEW and ER_UNKNOWN_SEQUENCES: one of those that a DROP
/// names, or all of them, are not there.
pub fn is_none_to_drop(error: &mysql::Error) -> bool {
    let is_of_mariadb = matches!(error, mysql::Error::MySqlError(said) if said.state == NONE_OF_MARIADB);
    number(error) == 1051 || matches!(number(error), 4091 | 4092) && is_of_mariadb
}

/// ER_QUERY_INTERRUPTED: KILL QUERY, or a limit on its time (ER_QUERY_TIMEOUT, ER_STATEMENT_TIMEOUT).
pub fn is_interrupted(error: &mysql::Error) -> bool {
    matches!(number(error), 1317 | 1969 | 3024)
}

/// The connection is gone: nobody knows what became of the statement that was under way. KILL is told as 1927
/// (MariaDB), a shutdown as 1053, a client that was silent for too long as 4031 (MySQL).
pub fn is_connection_lost(error: &mysql::Error) -> bool {
    error.is_connectivity_error() || matches!(number(error), 1053 | 1927 | 4031 | 2006 | 2013)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_means_something_else_on_mysql_is_told_by_its_state() {
        let said = |state: &str| Said { number: 4092, state: state.to_owned(), text: String::new() };
        assert!(is_nothing_to_take_back(&said("42S02")));
        assert!(!is_nothing_to_take_back(&said("HY000")));
    }

    #[test]
    fn a_foreign_key_that_is_there_is_not_one_that_is_wrong() {
        let said = |reason: &str| format!("1005 (HY000) Can't create table `a`.`b (errno: 121 \"` ({reason})");
        assert!(is_foreign_key_there(&said("errno: 121 \"Duplicate key on write or update\"")));
        assert!(!is_foreign_key_there(&said("errno: 150 \"Foreign key constraint is incorrectly formed\"")));
    }
}
