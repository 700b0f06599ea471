//! Who keeps a statement waiting, as far as the account may see.
//!
//! MySQL tells in performance_schema, MariaDB in METADATA_LOCK_INFO where that plugin is installed. Where neither can be
//! read, the oldest open transactions are named, as a guess; where not even those, the right that would show them.

use crate::db::flavour::Flavour;
use crate::db::{error_code, packet, quote};
use crate::event::{Blocker, Waits};
use crate::script::lexer::Modes;
use crate::statement::names::names;
use crate::statement::secrets;
use mysql::Conn;

/// A statement that may be waiting.
pub struct Waiting {
    /// Its session.
    pub session: u64,
    /// The process list says that it waits for a table (a metadata lock). Otherwise it may wait for a row.
    pub is_for_a_table: bool,
    /// Its beginning.
    pub head: String,
    /// How that is read.
    pub modes: Modes,
    /// Where its names without a schema are.
    pub schema: String,
}

/// More than a person would look at.
const AT_MOST: usize = 5;

/// Those who are in the way; nothing if the statement does not wait for a lock.
pub fn of(conn: &mut Conn, flavour: Flavour, waiting: &Waiting) -> Option<Waits> {
    if !waiting.is_for_a_table && !waits_for_a_row(conn, waiting.session) {
        return None;
    }
    let question = match (waiting.is_for_a_table, flavour) {
        (true, _) => of_a_table(waiting.session),
        (false, Flavour::MySql) => of_a_row_mysql(waiting.session),
        (false, Flavour::MariaDb) => of_a_row_mariadb(waiting.session),
    };
    let mut unseen = None;
    let mut ids = match packet::ask(conn, &question) {
        Ok(sets) => Some(connections(&sets)),
        Err(error) if error_code::is_right_missing(&error) => {
            unseen = Some(format!("GRANT SELECT ON performance_schema.* TO {}", account(conn)));
            None
        }
        Err(_) => None,
    };
    // performance_schema is off in MariaDB unless somebody switched it on: then it knows nothing.
    if flavour == Flavour::MariaDb && waiting.is_for_a_table && ids.as_ref().is_none_or(Vec::is_empty) {
        unseen = None;
        ids = match of_a_table_mariadb(waiting).and_then(|question| packet::ask(conn, &question).ok()) {
            Some(sets) => Some(connections(&sets)),
            None => {
                unseen = Some("INSTALL SONAME 'metadata_lock_info'".to_owned());
                None
            }
        };
    }
    let is_certain = ids.as_ref().is_some_and(|ids| !ids.is_empty());
    let ids = match ids {
        Some(ids) if !ids.is_empty() => ids,
        _ => match packet::ask(conn, &open_transactions(waiting.session)) {
            Ok(sets) => connections(&sets),
            Err(_) => Vec::new(),
        },
    };
    let by = describe(conn, &ids, is_certain);
    let sees_others = by.iter().all(|blocker| blocker.account.is_some()) && !by.is_empty();
    if !sees_others && !may_see_processes(conn) {
        let right = format!("GRANT PROCESS ON *.* TO {}", account(conn));
        unseen = Some(unseen.map_or(right.clone(), |other| format!("{right}; {other}")));
    }
    Some(Waits { by, unseen })
}

fn connections(sets: &[Vec<mysql::Row>]) -> Vec<u64> {
    let mut ids = Vec::new();
    for id in sets.iter().flatten().map(|row| packet::number(row, 0)) {
        if id != 0 && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

/// `Waiting for table metadata lock`, `Waiting for global read lock`, `Waiting for table flush`.
pub fn is_lock_wait(state: Option<&str>) -> bool {
    state.is_some_and(|state| state.starts_with("Waiting for ") && (state.contains("lock") || state.ends_with("flush")))
}

/// Whether a session waits for another one's lock, as far as the account may see: rows take PROCESS.
pub fn waits_for_a_lock(conn: &mut Conn, session: u64) -> mysql::Result<bool> {
    let question = format!("SELECT STATE FROM information_schema.PROCESSLIST WHERE ID = {session}");
    let rows = packet::ask(conn, &question)?;
    let state = rows.first().and_then(|set| set.first()).map(|row| packet::word(row, 0));
    Ok(is_lock_wait(state.as_deref()) || waits_for_a_row(conn, session))
}

/// InnoDB says so only to those who have PROCESS.
fn waits_for_a_row(conn: &mut Conn, session: u64) -> bool {
    let question = format!(
        "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = {session} AND trx_state = 'LOCK WAIT'"
    );
    packet::ask(conn, &question).is_ok_and(|sets| sets.first().is_some_and(|rows| !rows.is_empty()))
}

/// Whose granted lock does not go with the one that the session waits for. Weak ones go with each other.
fn of_a_table(session: u64) -> String {
    format!(
        "SELECT t.PROCESSLIST_ID FROM performance_schema.threads me \
         JOIN performance_schema.metadata_locks p ON p.OWNER_THREAD_ID = me.THREAD_ID AND p.LOCK_STATUS = 'PENDING' \
         JOIN performance_schema.metadata_locks g ON g.OBJECT_TYPE = p.OBJECT_TYPE \
          AND g.OBJECT_SCHEMA <=> p.OBJECT_SCHEMA AND g.OBJECT_NAME <=> p.OBJECT_NAME \
          AND g.LOCK_STATUS = 'GRANTED' AND g.OWNER_THREAD_ID <> p.OWNER_THREAD_ID \
         JOIN performance_schema.threads t ON t.THREAD_ID = g.OWNER_THREAD_ID \
         WHERE me.PROCESSLIST_ID = {session} AND (p.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE') \
          OR g.LOCK_TYPE IN ('EXCLUSIVE', 'SHARED_NO_WRITE', 'SHARED_NO_READ_WRITE', 'SHARED_READ_ONLY') \
          OR (p.LOCK_TYPE = 'INTENTION_EXCLUSIVE' AND g.LOCK_TYPE = 'SHARED'))"
    )
}

/// The plugin lists the locks that are held, not the one that is waited for: the statement's names say which it is.
fn of_a_table_mariadb(waiting: &Waiting) -> Option<String> {
    let pair = |name: crate::statement::names::Name| {
        let schema = name.schema.unwrap_or_else(|| waiting.schema.clone());
        format!("({}, {})", quote::text(&schema), quote::text(&name.name))
    };
    let tables: Vec<String> = names(&waiting.head, waiting.modes).into_iter().map(pair).collect();
    (!tables.is_empty()).then(|| {
        format!(
            "SELECT THREAD_ID FROM information_schema.METADATA_LOCK_INFO WHERE THREAD_ID <> {} \
             AND ((TABLE_SCHEMA, TABLE_NAME) IN ({}) OR LOCK_MODE IN ('MDL_BACKUP_FTWRL1', 'MDL_BACKUP_FTWRL2', \
             'MDL_BACKUP_BLOCK_DDL', 'MDL_BACKUP_WAIT_COMMIT')) ORDER BY LOCK_TIME_MS DESC",
            waiting.session,
            tables.join(", ")
        )
    })
}

fn of_a_row_mysql(session: u64) -> String {
    format!(
        "SELECT b.trx_mysql_thread_id FROM information_schema.INNODB_TRX r \
         JOIN performance_schema.data_lock_waits w ON w.REQUESTING_ENGINE_TRANSACTION_ID = r.trx_id \
         JOIN information_schema.INNODB_TRX b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID \
         WHERE r.trx_mysql_thread_id = {session}"
    )
}

fn of_a_row_mariadb(session: u64) -> String {
    format!(
        "SELECT b.trx_mysql_thread_id FROM information_schema.INNODB_TRX r \
         JOIN information_schema.INNODB_LOCK_WAITS w ON w.requesting_trx_id = r.trx_id \
         JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id \
         WHERE r.trx_mysql_thread_id = {session}"
    )
}

fn open_transactions(session: u64) -> String {
    format!(
        "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX \
         WHERE trx_mysql_thread_id NOT IN (0, {session}, CONNECTION_ID()) ORDER BY trx_started LIMIT {AT_MOST}"
    )
}

/// Who they are and what they do. Each question may be more than the account may ask.
fn describe(conn: &mut Conn, ids: &[u64], is_certain: bool) -> Vec<Blocker> {
    if ids.is_empty() {
        return Vec::new();
    }
    let list = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let mut ask = |question: &str| packet::ask(conn, &question.replace('?', &list)).unwrap_or_default().concat();
    let processes =
        ask("SELECT ID, USER, HOST, COMMAND, TIME, INFO FROM information_schema.PROCESSLIST WHERE ID IN (?)");
    let threads = ask("SELECT t.PROCESSLIST_ID, t.PROCESSLIST_USER, t.PROCESSLIST_HOST, t.PROCESSLIST_COMMAND, \
         t.PROCESSLIST_TIME, COALESCE(t.PROCESSLIST_INFO, s.SQL_TEXT) FROM performance_schema.threads t \
         LEFT JOIN performance_schema.events_statements_current s ON s.THREAD_ID = t.THREAD_ID \
         WHERE t.PROCESSLIST_ID IN (?)");
    let ages = ask("SELECT trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) \
         FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id IN (?)");
    let mut found: Vec<Blocker> = ids
        .iter()
        .map(|id| {
            let is_it = |row: &&mysql::Row| packet::number(row, 0) == *id;
            let rows = [processes.iter().find(is_it), threads.iter().find(is_it)];
            let first = |column: usize| {
                let value = |row: &&mysql::Row| packet::maybe_word(row, column).filter(|word| !word.is_empty());
                rows.iter().flatten().find_map(value)
            };
            Blocker {
                connection: *id,
                is_certain,
                account: first(1).map(|user| format!("{user}@{}", first(2).unwrap_or_default())),
                command: first(3),
                seconds: first(4).and_then(|seconds| seconds.parse().ok()),
                transaction: ages.iter().find(is_it).map(|row| packet::number(row, 1)),
                statement: first(5).map(|text| head(&text)),
            }
        })
        .collect();
    found.sort_by_key(|blocker| std::cmp::Reverse(blocker.transaction));
    found.truncate(AT_MOST);
    found
}

/// It is another session's, which may be about anything.
fn head(text: &str) -> String {
    secrets::cut(text).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

fn may_see_processes(conn: &mut Conn) -> bool {
    !packet::ask(conn, "SELECT 1 FROM information_schema.INNODB_TRX LIMIT 1")
        .is_err_and(|error| error_code::is_right_missing(&error))
}

/// As GRANT wants it: `'user'@'host'`.
fn account(conn: &mut Conn) -> String {
    let answer = packet::ask(conn, "SELECT CURRENT_USER()").unwrap_or_default();
    let name = answer.first().and_then(|rows| rows.first()).map(|row| packet::word(row, 0)).unwrap_or_default();
    match name.rsplit_once('@') {
        Some((user, host)) => format!("'{user}'@'{host}'"),
        None => "this account".to_owned(),
    }
}
