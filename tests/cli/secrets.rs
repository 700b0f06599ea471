//! A password or a key stands in its file, and on the server; not in the journal, not in what uturn prints.

use crate::support::app::{Folder, Run, run};
use crate::support::live::Live;
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";
const RUN: &str = "refinery_schema_history_run";
const STEP: &str = "refinery_schema_history_step";

/// An account of this test alone: accounts are the whole server's.
fn account(db: &Db) -> String {
    format!("'{}'@'localhost'", &db.name[db.name.len().saturating_sub(30)..])
}

/// All that the journal holds.
fn journal(db: &Db) -> String {
    let mut all = String::new();
    for table in [RUN, STEP] {
        let columns = db.rows(&format!(
            "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{table}'"
        ));
        let text = |column: &String| match column.as_str() {
            "down_sql" => "CONVERT(UNCOMPRESS(down_sql) USING utf8mb4)".to_owned(),
            other => other.to_owned(),
        };
        let list = columns.iter().map(text).collect::<Vec<_>>().join(", ");
        all.push_str(&db.rows(&format!("SELECT {list} FROM {table}")).join("\n"));
    }
    all
}

#[track_caller]
fn hides(db: &Db) {
    let all = journal(db);
    assert!(!all.contains("geheim"), "{all}");
}

fn down_texts(db: &Db) -> Vec<String> {
    db.rows(&format!("SELECT CONVERT(UNCOMPRESS(down_sql) USING utf8mb4) FROM {RUN} ORDER BY run_no"))
}

on_each!(of_every_statement_stay_out_of_the_journal_and_of_what_is_printed, |db| {
    let a = account(db);
    let grant = match db.server.kind {
        "mariadb" => format!("GRANT SELECT ON t TO {a} IDENTIFIED BY 'geheim-grant';"),
        _ => format!("ALTER USER {a} IDENTIFIED WITH caching_sha2_password BY 'geheim-with';"),
    };
    let up = format!(
            "CREATE TABLE t (a VARCHAR(90) PRIMARY KEY, password VARCHAR(90) UNIQUE);
             CREATE USER {a} IDENTIFIED BY 'geheim-create';
             /*!40101 ALTER USER {a} IDENTIFIED BY 'geheim-comment' */;
             {grant}
             SET @s = CONCAT('ALTER USER {quoted} IDENTIFIED BY ''', 'geheim-concat', '''');
             PREPARE s FROM @s;
             EXECUTE s;
             CREATE SERVER `{name}` FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h', USER 'u', PASSWORD 'geheim-server');
             DROP SERVER `{name}`;
             CREATE PROCEDURE p() BEGIN SET @k = HEX(AES_ENCRYPT('a', 'geheim-key')); ALTER USER {a} IDENTIFIED BY 'geheim-body'; END;
             CALL p();
             INSERT INTO t VALUES ('1', SHA2('geheim-digest', 256)), ('2', NULL);
             UPDATE t SET password = 'geheim-value' WHERE a = '1';
             DROP USER {a};
             SET @smtp_pass = 'geheim-pass';
             SELECT 'geheim-into' INTO @api_token;
             UPDATE t SET a = JSON_OBJECT('password_hash', 'geheim-json') WHERE 'geheim-before' = password;
             UPDATE t SET password = 'geheim-value' WHERE a = '2';",
            quoted = a.replace('\'', "''"),
            name = db.name,
        );
    let down =
        format!("DROP USER IF EXISTS {a}; -- made IDENTIFIED BY 'geheim-before'\nDROP PROCEDURE p; DROP TABLE t;");
    let folder = Folder::with(&[(STEM, &up, &down)]);
    let outputs = |folder: &Folder| -> Vec<Run> {
        ["up", "up --json", "status", "status --json", "log", "log --json", "plan", "plan undo --json", "check --json"]
            .iter()
            .map(|words| run(folder.command(db, words).env("RUST_LOG", "trace")).never_says("geheim"))
            .collect()
    };
    let told = outputs(&folder);
    assert_eq!(told[0].code, Some(5));
    assert!(told[0].err.contains("server: 1062 (23000) Duplicate entry '<secret>' for key"), "{}", told[0].err);
    hides(db);
    folder.pair(STEM, &up.replace("'geheim-value' WHERE a = '2'", "'geheim-other' WHERE a = '2'"), &down);
    outputs(&folder);
    hides(db);
    folder.uturn(db, "undo").exits(0).never_says("geheim");
    hides(db);
});

on_each!(stay_out_of_the_words_on_what_the_server_cannot_parse, |db| {
    let folder = Folder::new();
    for (up, shown) in [
        ("CREATE USER x IDENTIFIED WITH BY 'geheim';", "1 | CREATE USER x IDENTIFIED WITH BY <secret>;"),
        ("CREATE USER x IDENTFIED BY 'geheim';", "near 'IDENTFIED BY <secret>' at line 1"),
        ("CREATE USER x IDENTIFIED BY 'geheim' REQUIRE SLS;", "near 'SLS' at line 1"),
        ("CREATE USER x IDENTIFIED BY geheim;", "near '<secret>' at line 1"),
        ("DO 1; CREATE USER x IDENTIFIED BY 'it's geheim';", "1 | DO 1; CREATE USER x IDENTIFIED BY <secret>"),
        ("SET PASSWORD = PASSWORD(('geheim');", "near"),
        ("SET PASSWORD = 'geheim'; SELEC 1;", "1 | SET PASSWORD = <secret>  SELEC 1;\n  |                          ^"),
        ("CREATE USER x IDENTIFIED BY 'geheim", "1 | CREATE USER x IDENTIFIED BY <secret>"),
        ("CREATE USER x IDENTIFIED BY\n'geheim' \\G", "<secret> \\G"),
    ] {
        folder.pair(STEM, up, "SELECT 1;");
        folder.uturn(db, "up").exits(2).never_says("geheim").says(shown);
        folder.uturn(db, "up --json").exits(2).never_says("geheim");
        folder.uturn(db, "check").never_says("geheim");
        folder.uturn(db, "check --json").never_says("geheim");
        folder.uturn(db, "plan").never_says("geheim");
        folder.uturn(db, "prove").never_says("geheim");
    }
});

on_each!(of_other_sessions_are_not_shown, |db| {
    db.exec("CREATE TABLE t (a INT)");
    let folder = Folder::with(&[(STEM, "ALTER TABLE t ADD b INT;", "ALTER TABLE t DROP b;")]);
    let url = db.url();
    let name = db.name.clone();
    let other = std::thread::spawn(move || {
        use mysql::prelude::Queryable;
        let opts = mysql::Opts::from_url(&format!("{url}?prefer_socket=false")).expect("a URL");
        let mut conn = mysql::Conn::new(opts).expect("a connection");
        let asks = format!("SELECT SLEEP(6), AES_ENCRYPT('a', 'geheim') FROM `{name}`.t");
        conn.query_drop(format!("INSERT INTO `{name}`.t VALUES (1)")).expect("INSERT");
        conn.query_drop(asks).expect("SELECT");
    });
    db.wait_for_statement("SELECT SLEEP(6)");
    let mut up = Live::start(&mut folder.command(db, "up --lock-timeout 1"));
    up.hears("waiting:");
    let told = up.end().exits(0).never_says("geheim");
    assert!(told.err.contains("AES_ENCRYPT(<secret>, <secret>)"), "{}", told.err);
    other.join().expect("the other session");
});

on_each!(are_in_what_a_dry_run_prints, |db| {
    let folder = Folder::with(&[(STEM, "SET PASSWORD = 'geheim-up';", "SET PASSWORD = 'geheim-down';")]);
    folder.uturn(db, "up --dry-run").exits(0).says("SET PASSWORD = 'geheim-up';");
});

const TABLE: &str = "CREATE TABLE u (a INT, password VARCHAR(20));";

fn undoes(db: &Db) -> Folder {
    let down = "UPDATE u SET password = 'geheim-down'; DROP TABLE u;";
    let folder = Folder::with(&[(STEM, TABLE, down)]);
    folder.uturn(db, "up").exits(0);
    assert_eq!(down_texts(db), ["UPDATE u SET password = <secret>; DROP TABLE u;"]);
    folder
}

on_each!(of_a_recorded_down_are_taken_from_its_file, |db| {
    let folder = undoes(db);
    folder.uturn(db, "undo").exits(0).never_says("differs");
    assert!(db.tables().is_empty());
    hides(db);
    // Another password, as people change them.
    folder.uturn(db, "up").exits(0);
    folder.pair(STEM, TABLE, "UPDATE u SET password = 'geheim-new'; DROP TABLE u;");
    folder.uturn(db, "undo").exits(0).never_says("differs");
    assert!(db.tables().is_empty());
});

on_each!(a_recorded_down_without_them_never_runs, |db| {
    let folder = undoes(db);
    let nothing = |words: &str, folder: &Folder, why: &str| {
        folder.uturn(db, words).exits(3).says(why).says("nothing has been changed");
        assert_eq!(db.tables(), ["u"]);
    };
    let other = Folder::with(&[("20250101000000-x", "SELECT 1;", "SELECT 1;")]);
    nothing("undo", &other, "`20260101000000-m.down.sql` is not there");
    nothing("undo --dry-run", &other, "use a folder (`--dir`) or a binary that has the file");
    nothing("plan undo", &other, "is not there");
    folder.pair(STEM, TABLE, "UPDATE u SET password = 'geheim-down'; DELETE FROM u; DROP TABLE u;");
    nothing("undo", &folder, "`20260101000000-m.down.sql` differs from it in more than that");
    nothing("undo", &folder, "`uturn undo --down-from-files`");
    folder.uturn(db, "undo --down-from-files").exits(0).says("the file runs, as you asked");
    assert!(db.tables().is_empty());
});

on_each!(an_older_uturn_refuses_a_recorded_down_without_them, |db| {
    undoes(db);
    // It takes what has a reason there for irreversible, and says the reason.
    let reason = db.rows(&format!("SELECT irreversible FROM {RUN}"));
    assert_eq!(
        reason,
        [
            "it holds a password or a key, which is not kept in the database; its file has it: `uturn undo --down-from-files`"
        ]
    );
});

on_each!(may_be_others_when_a_stopped_migration_goes_on, |db| {
    let up = |password: &str, last: &str| {
        format!(
            "CREATE TABLE t (a INT, password VARCHAR(20)); INSERT INTO t VALUES (1, NULL); \
                     UPDATE t SET password = '{password}'; CREATE TABLE {last} (a INT);"
        )
    };
    let down = |password: &str| format!("UPDATE t SET password = '{password}'; DROP TABLE nonesuch; DROP TABLE t, s;");
    let folder = Folder::with(&[(STEM, &up("geheim-1", "t"), &down("geheim-1"))]);
    folder.uturn(db, "up").exits(5);
    folder.pair(STEM, &up("geheim-2", "s"), &down("geheim-2"));
    folder.uturn(db, "up").exits(0).says("resumes at statement 4 of 4");
    assert_eq!(db.rows("SELECT password FROM t"), ["geheim-1"]);
    folder.uturn(db, "undo").exits(5).says("stopped at statement 2 of 3");
    folder.pair(STEM, &up("geheim-2", "s"), &down("geheim-3").replace("DROP TABLE nonesuch", "DO 1"));
    folder.uturn(db, "undo").exits(3).says("differs from it in more than that");
    folder.uturn(db, "undo --down-from-files").exits(0);
    assert!(db.tables().is_empty());
    hides(db);
});

/// As an uturn wrote it that did not cut secrets: in a run that is over, and in one that is open.
fn written_by_an_older_one(db: &Db) -> Folder {
    let folder = Folder::with(&[
        (
            "20250101000000-first",
            &format!("{TABLE} UPDATE u SET password = 'geheim-up';"),
            "UPDATE u SET password = 'geheim-down'; DROP TABLE u;",
        ),
        ("20250201000000-one", "UPDATE u SET password = 'geheim-one';", "SELECT 1;"),
        (
            STEM,
            "CREATE TABLE t (a INT); UPDATE u SET password = 'geheim-open'; CREATE TABLE u (a INT);",
            "DROP TABLE t; SELECT AES_ENCRYPT(1, 'geheim-down');",
        ),
    ]);
    folder.uturn(db, "up").exits(5);
    let run = |number: u32, text: &str| {
        db.exec(&format!("UPDATE {RUN} SET {text} WHERE run_no = {number}"));
    };
    let down = |text: &str| {
        let text = text.replace('\'', "''");
        format!("down_sql = COMPRESS('{text}'), down_sha256 = SHA2('{text}', 256), irreversible = NULL")
    };
    run(1, &down("UPDATE u SET password = 'geheim-down'; DROP TABLE u;"));
    run(2, "sql_head = 'UPDATE u SET password = ''geheim-one''', sql_sha256 = SHA2(sql_head, 256)");
    run(3, &down("DROP TABLE t; SELECT AES_ENCRYPT(1, 'geheim-down');"));
    for (number, password) in [(1, "up"), (3, "open")] {
        db.exec(&format!(
            "UPDATE {STEP} SET sql_head = 'UPDATE u SET password = ''geheim-{password}''', sql_sha256 = SHA2(sql_head, 256), \
             warning_text = 'Warning 1265: ''geheim-{password}'' was cut', decided = 'as it was' WHERE run_no = {number} AND step = 2"
        ));
    }
    db.exec(&format!("UPDATE {RUN} SET program = 'uturn 0.1.0'"));
    assert_eq!(journal(db).matches("geheim").count(), 7, "{}", journal(db));
    folder
}

on_each!(that_an_older_uturn_has_written_are_cut_by_the_first_run, |db| {
    let folder = written_by_an_older_one(db);
    for words in ["status", "log", "log --json", "plan undo --json", "up --dry-run"] {
        let told = folder.uturn(db, words);
        let of_a_file = if words == "up --dry-run" { told.out.matches("geheim").count() } else { 0 };
        assert_eq!(
            told.out.matches("geheim").count() + told.err.matches("geheim").count(),
            of_a_file,
            "{words}: {told:?}"
        );
    }
    assert_eq!(journal(db).matches("geheim").count(), 7, "what only reads changes nothing");
    let error = "1064 (42000) You have an error near ''''geheim-x'' FOO'' at line 1";
    db.exec(&format!("UPDATE {RUN} SET error = '{error}' WHERE run_no = 2"));
    folder.pair(
        STEM,
        "CREATE TABLE t (a INT); UPDATE u SET password = 'geheim-open'; CREATE TABLE s (a INT);",
        "DROP TABLE s, t;",
    );
    folder.uturn(db, "up").exits(0).says("resumes at statement 3 of 3");
    hides(db);
    let told = db
        .rows(&format!("SELECT sql_head, sql_sha256 = SHA2(sql_head, 256) FROM {STEP} WHERE step = 2 ORDER BY run_no"));
    assert_eq!(told, ["UPDATE u SET password = <secret>|1"; 2]);
    folder.uturn(db, "undo --all --yes").exits(0);
    assert!(db.tables().is_empty());
    hides(db);
});

on_each!(are_looked_for_once_only, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE a (n INT);", "DROP TABLE a;")]);
    folder.uturn(db, "up").exits(0);
    // As if an older uturn had written it, and then this one.
    db.exec(&format!("UPDATE {RUN} SET error = 'IDENTIFIED BY ''geheim'''"));
    folder.uturn(db, "redo").exits(0);
    assert!(journal(db).contains("geheim"), "rows of this uturn are not looked through");
    db.exec(&format!("UPDATE {RUN} SET program = 'uturn 0.1.0' ORDER BY run_no DESC LIMIT 1"));
    folder.uturn(db, "redo").exits(0);
    hides(db);
});
