//! The settings under which uturn asks and writes for itself, whatever the server's defaults are, and whatever `init_connect`
//! makes of a new session.
//!
//! A session of uturn's own (`Access::open`) begins with them. A session for scripts (`Access::open_for_scripts`) keeps what
//! the server gives, since a script is what the mysql client would accept: there only what uturn's own transactions need is
//! set (`for_scripts`), and the rest is put aside for as long as uturn asks something itself (`Session::aside`).

use crate::db::{packet, quote};
use mysql::{Conn, Row};

/// What changes the answer to a question, and its value. Both servers have these, and every account may set them.
pub const READING: [(&str, &str); 6] = [
    ("sql_mode", "'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'"),
    ("time_zone", "'SYSTEM'"),
    ("sql_quote_show_create", "1"),
    // The default of both servers; DEFAULT in its place is the server's own.
    ("sql_select_limit", "18446744073709551615"),
    // Whatever `max_join_size` is.
    ("sql_big_selects", "1"),
    ("sql_safe_updates", "0"),
];

/// What one of the two servers has besides. Each reads its own comments alone: MariaDB skips those for MySQL 5.7 to 9.9.
const OF_ONE_SERVER: &str = "/*M!100101 , max_statement_time = 0 */ /*!50708 , max_execution_time = 0 */ \
                             /*!80011 , show_create_table_verbosity = 0 */ \
                             /*!80018 , show_create_table_skip_secondary_engine = 0 */ \
                             /*!80030 , show_gipk_in_create_table_and_information_schema = 1 */";

/// As SQL, `name = value, …`.
pub fn assignments<'a>(settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    settings.into_iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// The statements with which a session of uturn's own begins, in a database or in none. That autocommit goes on commits a
/// transaction that `init_connect` has begun: it may be a DBA's record of logins, and what uturn writes must not hang on it.
fn statements(database: Option<&str>) -> Vec<String> {
    let mut all = vec![
        format!(
            "SET SESSION autocommit = 0, autocommit = 1, completion_type = 0, wait_timeout = 28800, {} {OF_ONE_SERVER}",
            assignments(READING)
        ),
        "SET SESSION TRANSACTION READ WRITE, ISOLATION LEVEL REPEATABLE READ".to_owned(),
        "SET NAMES utf8mb4".to_owned(),
    ];
    all.extend(database.map(|name| format!("USE {}", quote::ident(name))));
    all
}

/// Makes a session uturn's own.
pub fn apply(conn: &mut Conn, database: Option<&str>) -> mysql::Result<()> {
    packet::tell(conn, &statements(database).join("; ")).map(drop)
}

/// The same in one packet with the first question.
pub fn ask_first(conn: &mut Conn, database: &str, question: &str) -> mysql::Result<Vec<Vec<Row>>> {
    let first = statements(Some(database));
    let mut sets = packet::ask(conn, &format!("{}; {question}", first.join("; ")))?;
    Ok(sets.split_off(first.len()))
}

/// What is set in a session for scripts: what changes where a transaction ends, and what it may do. A limit for SELECT would
/// cut the history, and ORDER BY would keep the oldest of it; it has no bearing on what a script changes.
pub fn for_scripts() -> &'static str {
    "SET NAMES utf8mb4; SET SESSION TRANSACTION READ WRITE; \
     SET SESSION autocommit = 1, completion_type = 0, sql_select_limit = 18446744073709551615, sql_big_selects = DEFAULT"
}

/// What stands in front of the statements that uturn prints for the mysql client. Read as latin1, an ENUM's `é` would be stored
/// wrongly, without a word; and without autocommit the row in the history would be rolled back.
pub fn for_the_client() -> &'static str {
    "SET NAMES utf8mb4;\nSET SESSION autocommit = 1, completion_type = 0;\n\n"
}
