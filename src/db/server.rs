//! What the server is, and what of it strengthens or weakens the promise. Asked once, at the start of a run that changes
//! something.

use crate::db::flavour::Flavour;
use crate::db::topology::{self, Topology};
use crate::db::{error_code, gtid, own_settings, packet};
use mysql::Conn;

/// The facts.
#[derive(Clone, Debug)]
pub struct Server {
    /// MySQL or MariaDB.
    pub flavour: Flavour,
    /// `VERSION()`; the handshake's is wrong on MariaDB.
    pub version: String,
    /// The database, as the server spells it.
    pub database: String,
    /// Account and host as the server sees them, `USER()`.
    pub user: String,
    /// The role that is active when a session begins.
    pub role: Option<String>,
    /// This session.
    pub connection_id: u64,
    /// `@@innodb_flush_log_at_trx_commit`: only 1 survives a crash of the machine.
    pub flush_log: u64,
    /// `@@max_allowed_packet`, bytes.
    pub max_packet: u64,
    /// `@@sql_mode`, as a script finds it.
    pub sql_mode: String,
    /// Whether it may be written to.
    pub topology: Topology,
    /// Whether the account may read InnoDB's ids (PROCESS).
    pub has_process: bool,
    /// `@@lower_case_table_names`.
    pub folds_names: bool,
    /// Whether a table is InnoDB's where nothing else is said.
    pub makes_innodb: bool,
    /// The GTID tag that proves what a statement did, where the server and the account allow one.
    pub gtid_tag: Option<String>,
    /// MySQL makes tables in its system tablespace, and says so once one is rebuilt.
    pub shares_tablespace: bool,
    /// The binary log holds statements as they are written (MariaDB): a replica computes them again.
    pub logs_statements: bool,
    /// Changes with each start of the server: whoever ran under another one is dead.
    pub boot: String,
    /// Whether a session as new answers what uturn asks, definitions and times among it, as one with `plain_settings` does.
    pub shows_plainly: bool,
    /// Of the settings that change what SHOW CREATE says, those that this server has, beside those that all have.
    show_settings: Vec<&'static str>,
}

/// How a script is read in a session as new, whatever this one has set.
pub fn session_modes(conn: &mut Conn) -> mysql::Result<crate::script::lexer::Modes> {
    let sets = packet::ask(conn, "SELECT @@GLOBAL.sql_mode")?;
    Ok(modes(&sets[0].first().map(|row| packet::word(row, 0)).unwrap_or_default()))
}

/// Which of the two, where nothing else is of interest.
pub fn flavour(conn: &mut Conn) -> mysql::Result<Flavour> {
    let sets = packet::ask(conn, "SELECT VERSION()")?;
    Ok(Flavour::of(&sets[0].first().map(|row| packet::word(row, 0)).unwrap_or_default()))
}

/// Asks the server, and not the session: what is true of a session as new. Two round trips; five on MySQL.
pub fn ask(conn: &mut Conn) -> mysql::Result<Server> {
    // Whatever `max_join_size` is: `own_settings::for_scripts` brings it back.
    let question = format!(
        "SET SESSION sql_big_selects = 1; \
         SELECT VERSION(), DATABASE(), USER(), CONNECTION_ID(), @@innodb_flush_log_at_trx_commit, \
         @@max_allowed_packet, @@GLOBAL.sql_mode, @@lower_case_table_names, CURRENT_ROLE(), \
         @@GLOBAL.default_storage_engine, @@GLOBAL.sql_quote_show_create, @@GLOBAL.time_zone, \
         @@GLOBAL.sql_big_selects, @@GLOBAL.sql_safe_updates \
         /*M!100101 , @@GLOBAL.enforce_storage_engine, @@log_bin, @@GLOBAL.binlog_format */ \
         /*!50708 , '', 0, '', @@GLOBAL.innodb_file_per_table */; {}",
        topology::question()
    );
    let sets = packet::ask(conn, &question)?.split_off(1);
    let row = &sets[0][0];
    let version = packet::word(row, 0);
    let flavour = Flavour::of(&version);
    let has_process = match packet::ask(conn, ids_probe(flavour)) {
        Ok(_) => true,
        Err(error) if error_code::is_right_missing(&error) => false,
        Err(error) => return Err(error),
    };
    let show_settings = if flavour == Flavour::MySql { show_settings(conn)? } else { Vec::new() };
    let shows_plainly = show_settings.iter().all(|(setting, value)| SHOW_SETTINGS.contains(&(setting, value)))
        && packet::number(row, 10) == 1
        && packet::word(row, 11) == "SYSTEM"
        && packet::number(row, 12) == 1
        && packet::number(row, 13) == 0
        && packet::word(row, 6).split(',').all(|mode| mode.is_empty() || PLAIN_MODES.contains(&mode));
    let topology = Topology::read(&sets[1..]);
    let started = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.as_secs().saturating_sub(topology.uptime()));
    Ok(Server {
        flavour,
        database: packet::word(row, 1),
        user: packet::word(row, 2),
        role: packet::maybe_word(row, 8),
        connection_id: packet::number(row, 3),
        flush_log: packet::number(row, 4),
        max_packet: packet::number(row, 5),
        sql_mode: packet::word(row, 6),
        folds_names: packet::number(row, 7) != 0,
        gtid_tag: gtid::tag(conn, flavour, &packet::word(row, 1)),
        boot: format!("{} since {started}", topology.identity()),
        topology,
        version,
        has_process,
        makes_innodb: packet::word(row, 9).eq_ignore_ascii_case("InnoDB") && packet::word(row, 14).is_empty(),
        shares_tablespace: packet::maybe_word(row, 17).as_deref() == Some("0"),
        logs_statements: packet::number(row, 15) == 1 && packet::word(row, 16) == "STATEMENT",
        shows_plainly,
        show_settings: show_settings.into_iter().map(|(setting, _)| setting).collect(),
    })
}

/// Which of the settings that change what SHOW CREATE TABLE says this MySQL has, and their values. MariaDB has none of them.
fn show_settings(conn: &mut Conn) -> mysql::Result<Vec<(&'static str, String)>> {
    let names: Vec<String> = SHOW_SETTINGS.iter().map(|(name, _)| format!("'{name}'")).collect();
    let question = format!("SHOW SESSION VARIABLES WHERE Variable_name IN ({})", names.join(", "));
    let sets = packet::ask(conn, &question)?;
    let of = |row: &mysql::Row| {
        let (name, _) = SHOW_SETTINGS.iter().find(|(name, _)| *name == packet::word(row, 0))?;
        Some((*name, packet::word(row, 1)))
    };
    Ok(sets[0].iter().filter_map(of).collect())
}

fn ids_probe(flavour: Flavour) -> &'static str {
    match flavour {
        Flavour::MariaDb => {
            "SELECT 1 FROM information_schema.INNODB_SYS_TABLES WHERE NAME = 'mysql/innodb_table_stats'"
        }
        Flavour::MySql => {
            "SELECT 1 FROM information_schema.INNODB_TABLESPACES_BRIEF WHERE NAME = 'mysql/innodb_table_stats'"
        }
    }
}

/// What MySQL's SHOW CREATE TABLE tells or leaves out, by its version.
const SHOW_SETTINGS: [(&str, &str); 3] = [
    ("show_create_table_verbosity", "OFF"),
    ("show_gipk_in_create_table_and_information_schema", "ON"),
    ("show_create_table_skip_secondary_engine", "OFF"),
];

/// The parts of sql_mode that leave definitions as they read without any.
const PLAIN_MODES: [&str; 11] = [
    "ERROR_FOR_DIVISION_BY_ZERO",
    "NO_AUTO_CREATE_USER",
    "NO_AUTO_VALUE_ON_ZERO",
    "NO_ENGINE_SUBSTITUTION",
    "NO_UNSIGNED_SUBTRACTION",
    "NO_ZERO_DATE",
    "NO_ZERO_IN_DATE",
    "ONLY_FULL_GROUP_BY",
    "STRICT_ALL_TABLES",
    "STRICT_TRANS_TABLES",
    "TRADITIONAL",
];

impl Server {
    /// The settings under which definitions and times are always read, as SQL.
    pub fn plain_settings(&self) -> Vec<(&'static str, &'static str)> {
        let own = SHOW_SETTINGS.into_iter().filter(|(name, _)| self.show_settings.contains(name));
        own_settings::READING.into_iter().chain(own).collect()
    }

    /// How a script is read here.
    pub fn modes(&self) -> crate::script::lexer::Modes {
        modes(&self.sql_mode)
    }
}

/// Whether two values of `boot` are of one server. One that an older uturn has written holds its name and port only: another
/// server may have both, so it is of none.
pub fn is_same_place(one: &str, other: &str) -> bool {
    let place = |boot: &str| boot.split_once(" since ").map(|(place, _)| place.to_owned());
    place(one).is_some_and(|one| one.contains(' ') && place(other) == Some(one))
}

/// Whether two values of `boot` are of one start: it is computed from the seconds of two clocks.
pub fn is_same_start(one: &str, other: &str) -> bool {
    let parts = |boot: &str| {
        let (host, second) = boot.rsplit_once(' ')?;
        Some((host.to_owned(), second.parse::<u64>().ok()?))
    };
    match (parts(one), parts(other)) {
        (Some((host, second)), Some((other, same))) => host == other && second.abs_diff(same) <= 1,
        _ => one == other,
    }
}

/// How a text is read under a sql_mode.
pub fn modes(sql_mode: &str) -> crate::script::lexer::Modes {
    let has = |mode: &str| sql_mode.split(',').any(|m| m.eq_ignore_ascii_case(mode));
    crate::script::lexer::Modes { ansi_quotes: has("ANSI_QUOTES"), no_backslash_escapes: has("NO_BACKSLASH_ESCAPES") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_the_same_within_a_second() {
        assert!(is_same_start("db:3306 since 100", "db:3306 since 101"));
        assert!(!is_same_start("db:3306 since 100", "db:3306 since 102"));
        assert!(!is_same_start("db:3306 since 100", "db:3307 since 100"));
        assert!(!is_same_start("db:3306 a since 100", "db:3306 b since 100"));
    }

    #[test]
    fn a_server_of_the_same_name_and_port_may_be_another_one() {
        assert!(is_same_place("db:3306 a since 100", "db:3306 a since 200"));
        assert!(!is_same_place("db:3306 a since 100", "db:3306 b since 100"));
        assert!(!is_same_place("db:3306 since 100", "db:3306 a since 100"));
        assert!(!is_same_place("db:3306 since 100", "db:3306 since 100"));
        assert!(!is_same_place("", ""));
    }
}
