//! What a server sets for every session, or runs for each new one (`init_connect`), changes nothing of what the commands do and
//! answer: one course through all of them, under each setting, for an administrator's account and for an ordinary one.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::own::Own;
use crate::support::server::{Server, on_each, server};
use mysql::Conn;
use mysql::prelude::Queryable;
use std::fmt::Write;
use std::process::Command;
use std::time::Instant;

/// Which servers have a setting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Both,
    MariaDb,
    MySql,
}
use On::{Both, MariaDb, MySql};

/// What of a course must be as without the setting.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Same {
    /// Exit codes, every word, and what the database holds.
    All,
    /// Exit codes, history and rows: the scripts' own statements cost something else, or the server's words are others.
    Outcome,
}
use Same::{All, Outcome};

/// What is set, `variable = value` each.
const SETTINGS: &[(On, Same, &[&str])] = &[
    (Both, All, &["autocommit = 0"]),
    (Both, All, &["completion_type = 1"]),
    (Both, All, &["completion_type = 2", "autocommit = 0"]),
    (Both, All, &["sql_mode = ''"]),
    (Both, All, &["sql_mode = 'ANSI'"]),
    (
        Both,
        All,
        &["sql_mode = 'NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,IGNORE_SPACE,HIGH_NOT_PRECEDENCE'"],
    ),
    (
        Both,
        All,
        &["sql_mode = 'TRADITIONAL,NO_AUTO_VALUE_ON_ZERO,NO_DIR_IN_CREATE,NO_UNSIGNED_SUBTRACTION,REAL_AS_FLOAT'"],
    ),
    (MariaDb, All, &["sql_mode = 'ORACLE'"]),
    (MariaDb, All, &["sql_mode = 'MSSQL'"]),
    (MariaDb, All, &["sql_mode = 'MYSQL323,MAXDB'"]),
    (MariaDb, All, &["sql_mode = 'EMPTY_STRING_IS_NULL,STRICT_ALL_TABLES'"]),
    (
        MariaDb,
        All,
        &[
            "sql_mode = 'NO_TABLE_OPTIONS,NO_KEY_OPTIONS,NO_FIELD_OPTIONS,SIMULTANEOUS_ASSIGNMENT,TIME_ROUND_FRACTIONAL'",
        ],
    ),
    (MariaDb, All, &["tx_read_only = 1"]),
    (MySql, All, &["transaction_read_only = 1"]),
    (MariaDb, All, &["tx_isolation = 'READ-UNCOMMITTED'"]),
    (MySql, All, &["transaction_isolation = 'READ-UNCOMMITTED'"]),
    (MariaDb, All, &["tx_isolation = 'SERIALIZABLE'", "innodb_snapshot_isolation = 1"]),
    (MySql, All, &["transaction_isolation = 'SERIALIZABLE'", "sql_mode = 'TIME_TRUNCATE_FRACTIONAL'"]),
    (Both, All, &["sql_select_limit = 1"]),
    (Both, All, &["sql_select_limit = 0"]),
    (Both, All, &["max_join_size = 1"]),
    (Both, All, &["sql_safe_updates = 1"]),
    (Both, All, &["sql_quote_show_create = 0"]),
    (Both, All, &["sql_notes = 0", "sql_auto_is_null = 1"]),
    (MariaDb, All, &["note_verbosity = ''"]),
    (Both, All, &["innodb_default_row_format = 'compact'"]),
    (Both, All, &["innodb_default_row_format = 'redundant'"]),
    (Both, All, &["innodb_file_per_table = 0"]),
    (
        Both,
        All,
        &["innodb_strict_mode = 0", "explicit_defaults_for_timestamp = 0", "default_tmp_storage_engine = 'MyISAM'"],
    ),
    (Both, Outcome, &["default_storage_engine = 'MyISAM'"]),
    (MariaDb, All, &["enforce_storage_engine = 'InnoDB'", "innodb_force_primary_key = 1"]),
    (MySql, All, &["sql_require_primary_key = 1"]),
    (MySql, All, &["sql_generate_invisible_primary_key = 1", "restrict_fk_on_non_standard_key = 0"]),
    (
        Both,
        All,
        &["character_set_server = 'latin1'", "character_set_client = 'latin1'", "character_set_results = 'latin1'"],
    ),
    (Both, All, &["character_set_server = 'utf16'", "collation_connection = 'utf16_bin'"]),
    (Both, All, &["time_zone = '+13:00'"]),
    (Both, Outcome, &["lc_messages = 'fr_FR'", "lc_time_names = 'ar_SA'"]),
    (
        Both,
        All,
        &["div_precision_increment = 0", "group_concat_max_len = 4", "max_sort_length = 8", "max_error_count = 0"],
    ),
    (Both, All, &["lock_wait_timeout = 1", "innodb_lock_wait_timeout = 1", "wait_timeout = 1"]),
    (Both, All, &["foreign_key_checks = 0", "unique_checks = 0", "big_tables = 1", "low_priority_updates = 1"]),
    (
        Both,
        All,
        &[
            "tmp_table_size = 1024",
            "max_heap_table_size = 16384",
            "optimizer_search_depth = 1",
            "sql_buffer_result = 1",
        ],
    ),
    (Both, Outcome, &["old_alter_table = 1"]),
    (MariaDb, All, &["max_statement_time = 20", "idle_transaction_timeout = 1", "query_cache_type = 1"]),
    (MySql, All, &["max_execution_time = 20000", "information_schema_stats_expiry = 0", "explain_format = 'TREE'"]),
    (
        MariaDb,
        All,
        &["old_mode = 'NO_DUP_KEY_WARNINGS_WITH_IGNORE,NO_PROGRESS_INFO,ZERO_DATE_TIME_CAST,UTF8_IS_UTF8MB3'"],
    ),
    (MariaDb, All, &["sql_if_exists = 1", "check_constraint_checks = 0", "in_predicate_conversion_threshold = 2"]),
    (MySql, All, &["show_create_table_verbosity = 1", "show_gipk_in_create_table_and_information_schema = 0"]),
    (MySql, All, &["default_collation_for_utf8mb4 = 'utf8mb4_general_ci'", "cte_max_recursion_depth = 1"]),
    (Both, All, &["init_connect = 'SET autocommit = 0, completion_type = 2'"]),
    (Both, All, &["init_connect = 'SET sql_mode = \\'ANSI_QUOTES,NO_BACKSLASH_ESCAPES\\''"]),
    (MariaDb, All, &["init_connect = 'SET sql_mode = \\'ORACLE,EMPTY_STRING_IS_NULL\\''"]),
    (Both, All, &["init_connect = 'SET NAMES latin1; SET foreign_key_checks = 0, sql_notes = 0, wait_timeout = 1'"]),
    (Both, All, &["init_connect = 'SET SESSION TRANSACTION READ ONLY'"]),
    (
        Both,
        All,
        &[
            "init_connect = 'SET sql_select_limit = 1, max_join_size = 1, sql_safe_updates = 1, sql_quote_show_create = 0'",
        ],
    ),
    (Both, All, &["init_connect = 'BEGIN'"]),
    (Both, All, &["init_connect = 'USE information_schema'"]),
];

/// The words of a look into the database itself.
const HOLDS: &str = "(what the database holds)";

/// What one course has done and said: the words of a command, its exit code, what it says.
type Said = Vec<(String, Option<i32>, String)>;

const NOTES: (&str, &str, &str) = (
    "20260101000000-notes",
    "CREATE TABLE notes (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, line VARCHAR(200) NOT NULL DEFAULT 'none', \
     made DATETIME NULL);\n\
     INSERT INTO notes (line) VALUES ('it''s'), ('two'), ('three');\n",
    "DROP TABLE notes;\n",
);
const MORE: (&str, &str, &str) = (
    "20260102000000-more",
    "ALTER TABLE notes ADD COLUMN kind VARCHAR(20) NULL, ADD KEY by_kind (kind);\n\
     UPDATE notes SET kind = 'x' WHERE id = 2;\n\
     CREATE TABLE tags (id INT PRIMARY KEY, note INT NULL, KEY note (note), \
     CONSTRAINT tag_note FOREIGN KEY (note) REFERENCES notes (id));\n\
     CREATE VIEW kinds AS SELECT id, kind FROM notes;\n",
    "DROP VIEW kinds;\nDROP TABLE tags;\nALTER TABLE notes DROP KEY by_kind, DROP COLUMN kind;\n",
);
const PROGRAMS: (&str, &str, &str) = (
    "20260103000000-programs",
    "CREATE PROCEDURE fill() BEGIN INSERT INTO tags (id, note) VALUES (1, 1); END;\n\
     CREATE TRIGGER mark BEFORE INSERT ON tags FOR EACH ROW SET NEW.note = COALESCE(NEW.note, 2);\n\
     CALL fill();\n",
    "DELETE FROM tags WHERE id = 1;\nDROP TRIGGER mark;\nDROP PROCEDURE fill;\n",
);
const STOPS: (&str, &str, &str) = (
    "20260104000000-stops",
    "ALTER TABLE notes ADD COLUMN late INT;\nINSERT INTO notes (nowhere) VALUES (1);\n",
    "ALTER TABLE notes DROP COLUMN late;\n",
);

/// A way through all commands, of an account on a database of its own.
struct Course<'a> {
    server: &'a Server,
    /// Looks at what the database holds. It was made before the setting.
    reader: Conn,
    /// Name and password.
    account: (&'a str, &'a str),
    database: String,
    folder: Folder,
    said: Said,
}

impl<'a> Course<'a> {
    fn new(server: &'a Server, account: (&'a str, &'a str)) -> Course<'a> {
        let database = format!("course_{}", account.0);
        let (reader, folder) = (server.conn(""), Folder::new());
        Course { server, reader, account, database, folder, said: Said::new() }
    }

    fn uturn(&mut self, words: &str) -> Run {
        let mut command = bare();
        command.env("DATABASE_URL", self.server.url_as(self.account.0, self.account.1, &self.database));
        command.current_dir(self.folder.path()).args(["--dir", "."]).args(words.split_whitespace());
        let run = run(&mut in_time(&command));
        let text = format!("--- stdout\n{}--- stderr\n{}", run.out, run.err);
        self.said.push((words.to_owned(), run.code, plain(&text, &self.database)));
        run
    }

    /// What the database holds, read by a session of the test's own.
    fn holds(&mut self) {
        let mut text = String::new();
        for (what, question) in [
            ("history", "SELECT CONCAT_WS(' ', version, name) FROM HERE.refinery_schema_history ORDER BY version"),
            (
                "runs",
                "SELECT CONCAT_WS(' ', run_no, name, direction, state, statements) \
                 FROM HERE.refinery_schema_history_run ORDER BY run_no",
            ),
            (
                "steps",
                "SELECT CONCAT_WS(' ', run_no, step, state, rows_affected) \
                 FROM HERE.refinery_schema_history_step ORDER BY run_no, step",
            ),
            (
                "protection",
                "SELECT CONCAT_WS(' ', change_no, protected, reason) \
                 FROM HERE.refinery_schema_history_protection ORDER BY change_no",
            ),
            ("notes", "SELECT CONCAT_WS(' ', id, line) FROM HERE.notes ORDER BY id"),
            ("tags", "SELECT CONCAT_WS(' ', id, note) FROM HERE.tags ORDER BY id"),
        ] {
            let question = question.replace("HERE", &format!("`{}`", self.database));
            let rows: Result<Vec<String>, _> = self.reader.query(&question);
            writeln!(text, "{what}: {}", rows.map_or_else(|_| "none".to_owned(), |rows| rows.join(", ")))
                .expect("text");
        }
        self.said.push((HOLDS.to_owned(), None, text));
    }

    fn go(&mut self, programs: Programs) -> Said {
        self.folder = Folder::with(&[NOTES, MORE]);
        if programs == Programs::Some {
            self.folder.pair(PROGRAMS.0, PROGRAMS.1, PROGRAMS.2);
        }
        for words in
            ["create", "create", "wait --timeout 5s", "status", "check", "plan", "prove --rows 3", "up --dry-run"]
        {
            self.uturn(words);
        }
        self.uturn("up");
        self.holds();
        for words in ["up", "status --exit-code", "plan undo"] {
            self.uturn(words);
        }
        self.folder.pair(STOPS.0, STOPS.1, STOPS.2);
        for words in ["up", "status", "plan undo", "undo"] {
            self.uturn(words);
        }
        self.folder.remove(STOPS.0);
        self.holds();
        for words in ["protect --reason it's", "status"] {
            self.uturn(words);
        }
        self.holds();
        for words in ["undo", "undo --all --yes", "drop --yes", "unprotect"] {
            self.uturn(words);
        }
        self.holds();
        for words in ["redo", "undo --to 20260102 --dry-run", "reset --yes", "undo", "up", "log", "undo --all --yes"] {
            self.uturn(words);
            self.holds();
        }
        self.uturn("drop --yes");
        self.uturn("drop --yes");
        std::mem::take(&mut self.said)
    }
}

/// The exit codes of the course: one migration stops, and the protection keeps three commands out.
const CODES: [i32; 31] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 3, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// The same command, which is ended where it does not end.
fn in_time(command: &Command) -> Command {
    let mut in_time = Command::new("timeout");
    in_time.arg("20").arg(command.get_program()).args(command.get_args()).env_clear();
    in_time.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    in_time.current_dir(command.get_current_dir().expect("it was set"));
    in_time
}

/// A text without what differs from run to run.
fn plain(text: &str, database: &str) -> String {
    text.replace(database, "HERE").split_inclusive('\n').map(line).collect()
}

fn line(line: &str) -> String {
    // Times and durations.
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end =
            rest[start..].find(|c: char| !c.is_ascii_digit() && !"-:.TZ".contains(c)).map_or(rest.len(), |n| start + n);
        let number = &rest[start..end];
        let after = rest[end..].trim_start();
        let is_time = number.contains(':') || number.len() == 20 && number.contains('T');
        let is_span =
            after.starts_with("ms") || after.starts_with("s ") || after.starts_with("s\n") || after.starts_with("s)");
        out.push_str(&rest[..start]);
        out.push_str(if is_time || is_span { "…" } else { number });
        rest = &rest[end..];
        if is_span {
            rest = rest.trim_start().trim_start_matches('m');
        }
    }
    out + rest
}

/// The accounts.
const ROOT: (&str, &str) = ("uturn", "uturn");
const ORDINARY: (&str, &str) = ("ordinary", "pw");

fn ordinary(server: &Server) {
    let mut conn = server.conn("");
    for statement in [
        "CREATE USER ordinary IDENTIFIED BY 'pw'",
        "GRANT ALL ON `course\\_%`.* TO ordinary",
        "GRANT ALL ON `uturn\\_scratch\\_%`.* TO ordinary",
        "SET GLOBAL log_bin_trust_function_creators = 1",
    ] {
        conn.query_drop(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// Whether the migrations make routines and triggers: in MariaDB's Oracle mode they are written otherwise.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Programs {
    Some,
    None,
}

/// The courses of both accounts.
fn both([root, ordinary]: &mut [Course<'_>; 2], programs: Programs) -> [Said; 2] {
    std::thread::scope(|scope| {
        let root = scope.spawn(|| root.go(programs));
        let ordinary = ordinary.go(programs);
        [root.join().expect("the course ends"), ordinary]
    })
}

/// Where a course differs from the one without the setting.
fn difference(usual: &Said, now: &Said, same: Same) -> String {
    let mut text = String::new();
    for (usual, now) in usual.iter().zip(now) {
        let (before, after) = (seen(usual, same), seen(now, same));
        if before != after || usual.1 != now.1 {
            writeln!(text, "`{}` exits {:?}, not {:?}", now.0, now.1, usual.1).expect("text");
            for (sign, one, other) in [("-", &before, &after), ("+", &after, &before)] {
                one.iter()
                    .filter(|line| !other.contains(line))
                    .for_each(|line| text.push_str(&format!("  {sign} {line}\n")));
            }
        }
    }
    text
}

/// The lines of what was said that must be the same.
fn seen((words, _, text): &(String, Option<i32>, String), same: Same) -> Vec<&str> {
    let is_outcome = |line: &&str| {
        words == HOLDS && ["history", "protection", "notes", "tags"].iter().any(|what| line.starts_with(what))
    };
    text.lines().filter(|line| same == All || is_outcome(line)).collect()
}

/// With the plugin that tells who uses a table, where the server has plugins.
fn start(kind: &'static str) -> Own {
    let plugins = |server: &Server| server.database().rows("SELECT @@plugin_dir")[0].clone();
    match kind {
        "mariadb" => {
            let folder = format!("--plugin-dir={}", plugins(&server(kind)));
            Own::start(kind, &[&folder, "--plugin-load-add=metadata_lock_info"])
        }
        _ => Own::start(kind, &[]),
    }
}

/// The way of both accounts under settings of the whole server, which are taken away again.
fn under(settings: &[&str], admin: &mut Conn, courses: &mut [Course<'_>; 2], programs: Programs) -> [Said; 2] {
    for setting in settings {
        admin.query_drop(format!("SET GLOBAL {setting}")).unwrap_or_else(|error| panic!("{setting}: {error}"));
    }
    let started = Instant::now();
    let said = both(courses, programs);
    println!("{settings:?}: {:?}", started.elapsed());
    for setting in settings {
        let variable = setting.split(' ').next().expect("a name");
        let default = if variable == "init_connect" { "''" } else { "DEFAULT" };
        admin.query_drop(format!("SET GLOBAL {variable} = {default}")).expect("a default");
    }
    said
}

fn every_setting(kind: &'static str) {
    let own = start(kind);
    ordinary(&own.server);
    let mut courses = [Course::new(&own.server, ROOT), Course::new(&own.server, ORDINARY)];
    // It was made before the settings, too.
    let mut admin = own.server.conn("");
    let [usual, without_programs] = [Programs::Some, Programs::None].map(|programs| both(&mut courses, programs));
    for said in usual.iter() {
        let codes: Vec<i32> = said.iter().filter_map(|(_, code, _)| *code).collect();
        assert_eq!(codes, CODES, "{said:?}");
    }
    let mut wrong = String::new();
    for (on, same, settings) in SETTINGS {
        let is_here = match on {
            Both => true,
            MariaDb => kind == "mariadb",
            MySql => kind == "mysql",
        };
        if !is_here {
            continue;
        }
        let (usual, programs) = match settings[0] {
            "sql_mode = 'ORACLE'" => (&without_programs, Programs::None),
            _ => (&usual, Programs::Some),
        };
        let now = under(settings, &mut admin, &mut courses, programs);
        for (account, usual, now) in [(ROOT, &usual[0], &now[0]), (ORDINARY, &usual[1], &now[1])] {
            let difference = difference(usual, now, *same);
            if !difference.is_empty() {
                writeln!(wrong, "{settings:?}, as {}:\n{difference}", account.0).expect("text");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

on_each!(no_setting_changes_what_commands_do, |db| every_setting(db.server.kind));
