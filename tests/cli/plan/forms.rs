//! What `plan` says of every kind of change equals what the real, filled table does. The table in docs/plan.md is made here.

use crate::support::app::Folder;
use crate::support::server::{Db, Server, on_each};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// Words for a person, a statement about the table `T`, what the table is made to be before, and where it holds.
type Form = (&'static str, &'static str, &'static str, &'static str);

const BOTH: &str = "mariadb mysql";
const MARIADB: &str = "mariadb";
const MYSQL: &str = "mysql";
const RANGES: &str = "ALTER TABLE T PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES LESS \
                      THAN (3000), PARTITION p2 VALUES LESS THAN MAXVALUE)";
const RANGES_OPEN: &str = "ALTER TABLE T PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000), PARTITION p1 VALUES \
                           LESS THAN (3000), PARTITION p2 VALUES LESS THAN (9000))";
const HASHES: &str = "ALTER TABLE T PARTITION BY HASH (id) PARTITIONS 4";
const VIRTUAL: &str = "ALTER TABLE T ADD v INT AS (a + 1) VIRTUAL";
const STORED: &str = "ALTER TABLE T ADD s INT AS (a + 2) STORED";
const CHILD: &str = "ALTER TABLE T ADD CONSTRAINT fkT FOREIGN KEY (p) REFERENCES parent (id)";

const FORMS: &[Form] = &[
    ("add a column at the end", "ALTER TABLE T ADD x INT", "", BOTH),
    ("add a column, first", "ALTER TABLE T ADD COLUMN x INT FIRST", "", BOTH),
    ("add a column in the middle", "ALTER TABLE T ADD x INT AFTER a", "", BOTH),
    ("a table with a virtual column, add a column, first", "ALTER TABLE T ADD COLUMN x INT FIRST", VIRTUAL, BOTH),
    ("add a column NOT NULL DEFAULT", "ALTER TABLE T ADD x INT NOT NULL DEFAULT 7", "", BOTH),
    (
        "add a column DEFAULT CURRENT_TIMESTAMP",
        "ALTER TABLE T ADD x TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP",
        "",
        BOTH,
    ),
    ("add two columns", "ALTER TABLE T ADD (x INT, y VARCHAR(9))", "", BOTH),
    ("add a column with CHECK", "ALTER TABLE T ADD x INT CHECK (x > 0)", "", BOTH),
    ("add a virtual column", "ALTER TABLE T ADD x INT AS (a * 2) VIRTUAL", "", BOTH),
    ("add a stored column", "ALTER TABLE T ADD x INT AS (a * 2) STORED", "", BOTH),
    ("add an invisible column", "ALTER TABLE T ADD x INT INVISIBLE", "", BOTH),
    ("add an AUTO_INCREMENT key", "ALTER TABLE T ADD x INT NOT NULL AUTO_INCREMENT UNIQUE", "", BOTH),
    ("add a column and an index", "ALTER TABLE T ADD COLUMN x INT, ADD INDEX kx (x)", "", BOTH),
    ("add and drop a column", "ALTER TABLE T ADD x INT, DROP COLUMN d", "", BOTH),
    ("drop a column", "ALTER TABLE T DROP COLUMN d", "", BOTH),
    ("drop an indexed column", "ALTER TABLE T DROP b", "", BOTH),
    ("drop a virtual column", "ALTER TABLE T DROP v", VIRTUAL, BOTH),
    ("drop a stored column", "ALTER TABLE T DROP s", STORED, BOTH),
    ("rename a column", "ALTER TABLE T RENAME COLUMN b TO b2", "", BOTH),
    ("rename a column with CHANGE", "ALTER TABLE T CHANGE b b2 VARCHAR(50) NOT NULL", "", BOTH),
    ("move a column", "ALTER TABLE T MODIFY d DATETIME NULL FIRST", "", BOTH),
    ("set a default", "ALTER TABLE T ALTER a SET DEFAULT 1", "", BOTH),
    ("drop a default", "ALTER TABLE T ALTER n DROP DEFAULT", "", BOTH),
    ("NULL to NOT NULL", "ALTER TABLE T MODIFY n INT NOT NULL", "", BOTH),
    (
        "NULL to NOT NULL, sql_mode ''",
        "SET sql_mode = ''; ALTER TABLE T MODIFY n INT NOT NULL; SET sql_mode = DEFAULT",
        "",
        BOTH,
    ),
    ("NOT NULL to NULL", "ALTER TABLE T MODIFY a INT NULL", "", BOTH),
    ("INT to BIGINT", "ALTER TABLE T MODIFY n BIGINT", "", BOTH),
    ("signed to unsigned", "ALTER TABLE T MODIFY n INT UNSIGNED", "", BOTH),
    ("VARCHAR(50) to (60)", "ALTER TABLE T MODIFY b VARCHAR(60) NOT NULL", "", BOTH),
    ("VARCHAR(50) to (300)", "ALTER TABLE T MODIFY b VARCHAR(300) NOT NULL", "", BOTH),
    ("VARCHAR(50) to (40)", "ALTER TABLE T MODIFY b VARCHAR(40) NOT NULL", "", BOTH),
    ("CHAR(10) to (20)", "ALTER TABLE T MODIFY c CHAR(20) NOT NULL", "", BOTH),
    ("TEXT to MEDIUMTEXT", "ALTER TABLE T MODIFY t MEDIUMTEXT", "", BOTH),
    ("ENUM, value at the end", "ALTER TABLE T MODIFY e ENUM('x','y','z') NOT NULL", "", BOTH),
    ("ENUM, values in another order", "ALTER TABLE T MODIFY e ENUM('y','x') NOT NULL", "", BOTH),
    ("ENUM, a value less", "ALTER TABLE T MODIFY e ENUM('x') NOT NULL", "", BOTH),
    ("comment of a column", "ALTER TABLE T MODIFY n INT NULL COMMENT 'n'", "", BOTH),
    ("character set of a column", "ALTER TABLE T MODIFY b VARCHAR(50) CHARACTER SET latin1 NOT NULL", "", BOTH),
    ("virtual column, another expression", "ALTER TABLE T MODIFY v INT AS (a + 9) VIRTUAL", VIRTUAL, BOTH),
    ("stored column, another expression", "ALTER TABLE T MODIFY s INT AS (a + 9) STORED", STORED, BOTH),
    ("make the key AUTO_INCREMENT", "ALTER TABLE T MODIFY id INT NOT NULL AUTO_INCREMENT", "", BOTH),
    ("CONVERT TO CHARACTER SET", "ALTER TABLE T CONVERT TO CHARACTER SET latin1", "", BOTH),
    ("DEFAULT CHARACTER SET", "ALTER TABLE T DEFAULT CHARACTER SET latin1", "", BOTH),
    ("comment of a table", "ALTER TABLE T COMMENT 'words'", "", BOTH),
    ("AUTO_INCREMENT = n", "ALTER TABLE T AUTO_INCREMENT = 99999", "", BOTH),
    ("STATS_PERSISTENT", "ALTER TABLE T STATS_PERSISTENT = 1", "", BOTH),
    ("ROW_FORMAT", "ALTER TABLE T ROW_FORMAT = COMPRESSED", "", BOTH),
    ("KEY_BLOCK_SIZE", "ALTER TABLE T KEY_BLOCK_SIZE = 8", "", BOTH),
    ("add an index", "ALTER TABLE T ADD INDEX kn (n)", "", BOTH),
    ("add a unique index", "ALTER TABLE T ADD UNIQUE un (id, n)", "", BOTH),
    ("add a descending index", "ALTER TABLE T ADD INDEX kn (n DESC)", "", BOTH),
    ("add an index with a prefix", "ALTER TABLE T ADD INDEX kt (t(10))", "", BOTH),
    ("add a FULLTEXT index", "ALTER TABLE T ADD FULLTEXT ft (t)", "", BOTH),
    ("drop an index", "ALTER TABLE T DROP INDEX ka", "", BOTH),
    ("add and drop an index", "ALTER TABLE T ADD INDEX kn (n), DROP INDEX ka", "", BOTH),
    ("rename an index", "ALTER TABLE T RENAME INDEX ka TO kz", "", BOTH),
    ("IGNORED index", "ALTER TABLE T ALTER INDEX ka IGNORED", "", MARIADB),
    ("INVISIBLE index", "ALTER TABLE T ALTER INDEX ka INVISIBLE", "", MYSQL),
    ("CREATE INDEX", "CREATE INDEX kn ON T (n)", "", BOTH),
    ("CREATE UNIQUE INDEX", "CREATE UNIQUE INDEX un ON T (id, n)", "", BOTH),
    ("CREATE FULLTEXT INDEX", "CREATE FULLTEXT INDEX ft ON T (t)", "", BOTH),
    ("DROP INDEX", "DROP INDEX ka ON T", "", BOTH),
    ("another primary key", "ALTER TABLE T DROP PRIMARY KEY, ADD PRIMARY KEY (id, a)", "", BOTH),
    ("drop the primary key", "ALTER TABLE T DROP PRIMARY KEY", "", BOTH),
    ("add a foreign key", "ALTER TABLE T ADD CONSTRAINT fkT FOREIGN KEY (p) REFERENCES parent (id)", "", BOTH),
    (
        "add a foreign key, foreign_key_checks = 0",
        "SET foreign_key_checks = 0; ALTER TABLE T ADD CONSTRAINT fkT FOREIGN KEY (p) REFERENCES parent (id); \
         SET foreign_key_checks = 1",
        "",
        BOTH,
    ),
    ("drop a foreign key", "ALTER TABLE T DROP FOREIGN KEY fkT", CHILD, BOTH),
    ("add a column to a child table", "ALTER TABLE T ADD x INT", CHILD, BOTH),
    ("change a type in a child table", "ALTER TABLE T MODIFY n BIGINT", CHILD, BOTH),
    ("add a CHECK", "ALTER TABLE T ADD CONSTRAINT chT CHECK (a >= 0)", "", BOTH),
    ("drop a CHECK", "ALTER TABLE T DROP CONSTRAINT chT", "ALTER TABLE T ADD CONSTRAINT chT CHECK (a >= 0)", BOTH),
    ("FORCE", "ALTER TABLE T FORCE", "", BOTH),
    ("ENGINE=InnoDB", "ALTER TABLE T ENGINE=InnoDB", "", BOTH),
    ("ENGINE=MyISAM", "ALTER TABLE T ENGINE=MyISAM", "", BOTH),
    ("a MyISAM table, add a column", "ALTER TABLE T ADD x INT", "ALTER TABLE T ENGINE=MyISAM", BOTH),
    ("ORDER BY", "ALTER TABLE T ORDER BY a", "ALTER TABLE T DROP PRIMARY KEY", BOTH),
    ("OPTIMIZE TABLE", "OPTIMIZE TABLE T", "", BOTH),
    ("a new name, ALTER", "ALTER TABLE T RENAME TO T_new", "", BOTH),
    ("a new name, RENAME TABLE", "RENAME TABLE T TO T_new", "", BOTH),
    ("a new name and a column", "ALTER TABLE T RENAME TO T_new, ADD x INT", "", BOTH),
    ("ALGORITHM=COPY, as told", "ALTER TABLE T ADD x INT, ALGORITHM=COPY", "", BOTH),
    ("ALGORITHM=INPLACE, as told", "ALTER TABLE T ADD x INT, ALGORITHM=INPLACE", "", BOTH),
    ("LOCK=SHARED, as told", "ALTER TABLE T ADD INDEX kn (n), LOCK=SHARED", "", BOTH),
    ("LOCK=EXCLUSIVE, as told", "CREATE INDEX kn ON T (n) LOCK=EXCLUSIVE", "", BOTH),
    ("PARTITION BY", "ALTER TABLE T PARTITION BY HASH (id) PARTITIONS 4", "", BOTH),
    ("REMOVE PARTITIONING", "ALTER TABLE T REMOVE PARTITIONING", RANGES, BOTH),
    (
        "ADD PARTITION, of ranges",
        "ALTER TABLE T ADD PARTITION (PARTITION p3 VALUES LESS THAN MAXVALUE)",
        RANGES_OPEN,
        BOTH,
    ),
    ("ADD PARTITION, of hashes", "ALTER TABLE T ADD PARTITION PARTITIONS 2", HASHES, BOTH),
    ("COALESCE PARTITION", "ALTER TABLE T COALESCE PARTITION 2", HASHES, BOTH),
    ("DROP PARTITION", "ALTER TABLE T DROP PARTITION p0", RANGES, BOTH),
    ("TRUNCATE PARTITION", "ALTER TABLE T TRUNCATE PARTITION p0", RANGES, BOTH),
    ("REBUILD PARTITION", "ALTER TABLE T REBUILD PARTITION p1", RANGES, BOTH),
    (
        "REORGANIZE PARTITION",
        "ALTER TABLE T REORGANIZE PARTITION p1 INTO (PARTITION p1a VALUES LESS THAN (2000), PARTITION p1b VALUES LESS THAN \
         (3000))",
        RANGES,
        BOTH,
    ),
    ("a partitioned table, add a column", "ALTER TABLE T ADD x INT", RANGES, BOTH),
    ("a partitioned table, add an index", "ALTER TABLE T ADD INDEX kn (n)", RANGES, BOTH),
    ("a partitioned table, change a type", "ALTER TABLE T MODIFY n BIGINT", RANGES, BOTH),
    (
        "after a FULLTEXT index is dropped, add a column",
        "ALTER TABLE T ADD x INT",
        "ALTER TABLE T ADD FULLTEXT ft (t); ALTER TABLE T DROP INDEX ft",
        BOTH,
    ),
    ("with a FULLTEXT index, add a column", "ALTER TABLE T ADD x INT", "ALTER TABLE T ADD FULLTEXT ft (t)", BOTH),
    ("ROW_FORMAT=COMPRESSED, add a column", "ALTER TABLE T ADD x INT", "ALTER TABLE T ROW_FORMAT=COMPRESSED", BOTH),
    ("add SYSTEM VERSIONING", "ALTER TABLE T ADD SYSTEM VERSIONING", "", MARIADB),
    ("TRUNCATE", "TRUNCATE TABLE T", "", BOTH),
];

const BASE: &str = "CREATE TABLE base (id INT NOT NULL PRIMARY KEY, a INT NOT NULL, n INT NULL, b VARCHAR(50) NOT NULL, \
     c CHAR(10) NOT NULL, t TEXT, e ENUM('x', 'y') NOT NULL, d DATETIME NULL, \
     p INT NOT NULL, KEY ka (a), KEY kb (b)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

fn forms_of(server: &Server) -> Vec<(usize, &'static Form)> {
    FORMS.iter().enumerate().filter(|(_, form)| form.3.contains(server.kind)).collect()
}

fn table(number: usize) -> String {
    format!("t{number}")
}

fn about(statement: &str, number: usize) -> String {
    statement
        .replace("TABLE T", &format!("TABLE {}", table(number)))
        .replace("ON T", &format!("ON {}", table(number)))
        .replace("T_new", &format!("{}_new", table(number)))
        .replace("fkT", &format!("fk{number}"))
        .replace("chT", &format!("ch{number}"))
}

/// One filled table for each form: some thousand rows.
fn fill(db: &Db) {
    db.exec("CREATE TABLE parent (id INT PRIMARY KEY)");
    db.exec("INSERT INTO parent VALUES (0), (1), (2), (3)");
    db.exec(BASE);
    let digits = "(SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL \
                  SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7)";
    db.exec(&format!(
        "INSERT INTO base (id, a, n, b, c, t, e, d, p) SELECT w.i + 1, w.i, w.i, CONCAT('b', w.i), 'c', 'some words', 'x', NOW(), \
         w.i % 4 FROM (SELECT x.n + 8 * y.n + 64 * z.n + 512 * u.n AS i FROM {digits} x, {digits} y, {digits} z, {digits} u) w"
    ));
    for (number, form) in forms_of(&db.server) {
        db.exec(&format!("CREATE TABLE {} LIKE base", table(number)));
        db.exec(&format!(
            "INSERT INTO {} (id, a, n, b, c, t, e, d, p) SELECT id, a, n, b, c, t, e, d, p FROM base",
            table(number)
        ));
        for statement in form.2.split("; ").filter(|statement| !statement.is_empty()) {
            db.exec(&about(statement, number));
        }
    }
}

/// InnoDB's ids of a table's parts: name of the part -> id.
type Ids = BTreeMap<String, String>;

fn ids(db: &Db, number: usize) -> Ids {
    let (view, id) = match db.server.kind {
        "mariadb" => ("INNODB_SYS_TABLES", "TABLE_ID"),
        _ => ("INNODB_TABLESPACES_BRIEF", "SPACE"),
    };
    let file = format!("{}/{}", db.name, table(number));
    let rows = db.rows(&format!("SELECT LOWER(NAME), {id} FROM information_schema.{view} WHERE NAME LIKE '{file}%'"));
    let pairs = rows.iter().filter_map(|row| row.split_once('|'));
    let of_it = pairs.filter_map(|(name, id)| {
        let part = name.strip_prefix(&file)?;
        let part = part.strip_prefix("_new").unwrap_or(part);
        (part.is_empty() || part.starts_with('#')).then(|| (part.trim_start_matches("#p#").to_owned(), id.to_owned()))
    });
    of_it.collect()
}

/// What was written anew, by the ids: `nothing`, `table`, or the partitions.
fn rebuilt(before: &Ids, after: &Ids, statement: &str) -> String {
    let kept: BTreeSet<&String> = after.values().collect();
    let is_removed = statement.contains("DROP PARTITION") || statement.contains("TRUNCATE");
    let changed: Vec<&str> =
        before.iter().filter(|(_, id)| !kept.contains(id) && !is_removed).map(|(part, _)| part.as_str()).collect();
    match changed.len() {
        0 => "nothing".to_owned(),
        all if all == before.len() => "table".to_owned(),
        _ => changed.join(" "),
    }
}

/// The ladder, climbed by hand on the filled table.
fn climb(db: &Db, statement: &str) -> String {
    const MARIADB: [&str; 10] = [
        "INSTANT",
        "NOCOPY NONE",
        "NOCOPY SHARED",
        "NOCOPY EXCLUSIVE",
        "INPLACE NONE",
        "INPLACE SHARED",
        "INPLACE EXCLUSIVE",
        "COPY NONE",
        "COPY SHARED",
        "COPY EXCLUSIVE",
    ];
    let mut conn = db.conn();
    let mut run = |sql: &str| mysql::prelude::Queryable::query_drop(&mut conn, sql);
    let parts: Vec<&str> = statement.split("; ").collect();
    let (before, statement) = if parts.len() == 3 { (parts[0], parts[1]) } else { ("DO 0", parts[0]) };
    run(before).expect("a setting");
    // As the statement would be by itself: what it says of ALGORITHM and LOCK is what it is done with.
    if let Some((_, told)) = statement.split_once("ALGORITHM=") {
        let told = told.to_lowercase();
        let rungs: &[&str] = match (told.as_str(), db.server.kind) {
            ("inplace", "mariadb") => &MARIADB[..7],
            ("inplace", _) => &["INPLACE NONE", "INPLACE SHARED"],
            _ => &["COPY NONE", "COPY SHARED"],
        };
        let bare = statement.split(", ALGORITHM").next().expect("a part");
        return first(&mut run, bare, rungs);
    }
    if let Some((bare, told)) = statement.split_once("LOCK=") {
        let bare = bare.trim_end_matches([',', ' ']);
        let ours: Vec<&str> = MARIADB.into_iter().filter(|rung| rung.ends_with(told)).collect();
        return first(&mut run, bare, &ours);
    }
    let mysql: Vec<&str> = MARIADB.into_iter().filter(|rung| !rung.starts_with("NOCOPY")).collect();
    first(&mut run, statement, if db.server.kind == "mariadb" { &MARIADB } else { &mysql })
}

fn first(run: &mut dyn FnMut(&str) -> mysql::Result<()>, statement: &str, rungs: &[&str]) -> String {
    let words: Vec<&str> = statement.split(' ').collect();
    let asked = |algorithm: &str, lock: Option<&str>| -> Vec<String> {
        let clauses = |between: &str| match lock {
            Some(lock) => format!("ALGORITHM={algorithm}{between}LOCK={lock}"),
            None => format!("ALGORITHM={algorithm}"),
        };
        match words[0] {
            "CREATE" => vec![format!("{statement} {}", clauses(" "))],
            "DROP" => vec![format!("ALTER TABLE {} DROP INDEX {}, {}", words[4], words[2], clauses(", "))],
            "OPTIMIZE" => vec![format!("ALTER TABLE {} FORCE, {}", words[2], clauses(", "))],
            "ALTER" => {
                let rest = words[3..].join(" ");
                vec![
                    format!("ALTER TABLE {} {}, {rest}", words[2], clauses(", ")),
                    format!("ALTER TABLE {} {} {rest}", words[2], clauses(", ")),
                    format!("{statement}, {}", clauses(", ")),
                ]
            }
            _ => Vec::new(),
        }
    };
    for rung in rungs {
        let (algorithm, lock) = rung.split_once(' ').map_or((*rung, None), |(algorithm, lock)| (algorithm, Some(lock)));
        for sql in asked(algorithm, lock) {
            if run(&sql).is_ok() {
                return format!("{} {}", algorithm.to_lowercase(), lock.unwrap_or("NONE").to_lowercase());
            }
        }
    }
    run(statement).map_or_else(|error| format!("fails: {error}"), |()| "no clause".to_owned())
}

/// What `plan` said of it, in the words of the ladder.
fn said(plan: &Value) -> String {
    let cost = &plan["cost"];
    let word = |field: &str| cost[field].as_str().unwrap_or_default().to_owned();
    match word("answer").as_str() {
        "accepted" => format!("{} {}", word("algorithm"), word("lock")),
        "not_asked" | "definition" => "no clause".to_owned(),
        _ => cost.to_string(),
    }
}

fn said_rebuilt(plan: &Value) -> String {
    match &plan["cost"]["rebuilds"] {
        Value::Array(names) => names.iter().map(|name| name.as_str().unwrap_or_default()).collect::<Vec<_>>().join(" "),
        Value::String(word) => word.clone(),
        _ if plan["cost"]["answer"] == "definition" => "nothing".to_owned(),
        other => other.to_string(),
    }
}

/// One cell of the table in the docs.
fn cell(plan: &Value) -> String {
    let blocks = match plan["blocks"].as_str() {
        Some("nothing") => "",
        Some("writes") => ", blocks writes",
        Some(_) => ", blocks reads and writes",
        None => "",
    };
    let how = match (plan["cost"]["answer"].as_str(), plan["cost"]["algorithm"].as_str(), said_rebuilt(plan).as_str()) {
        (Some("definition"), ..) => "definition".to_owned(),
        (Some("not_asked"), _, "nothing") => "not asked; no rebuild".to_owned(),
        (Some("not_asked"), _, "table") => "not asked; rebuild".to_owned(),
        (Some("not_asked"), _, parts) => format!("not asked; rebuild of {}", parts.replace(' ', ", ")),
        (_, Some("instant"), _) => "instant".to_owned(),
        (_, Some("copy"), _) => "**copy**".to_owned(),
        (_, _, "nothing") => "in place".to_owned(),
        (_, _, "table") => "rebuild in place".to_owned(),
        (_, _, parts) => format!("rebuild of {} in place", parts.replace(' ', ", ")),
    };
    how + blocks
}

on_each!(the_answer_for_each_kind_of_change_is_what_the_filled_table_does, |db| {
    compare_docs(db.server.kind, &trial(&db.server));
});

/// Cells of the server's column in the docs: form and answer.
type Answers = Vec<(usize, String)>;

fn trial(server: &Server) -> Answers {
    // One is planned and then changed by hand, the other one by `up`.
    let (by_hand, by_up) = (server.database(), server.database());
    fill(&by_hand);
    fill(&by_up);
    let forms = forms_of(server);
    assert!(forms.len() >= 60, "{} forms", forms.len());
    let plans = planned(&by_hand, &forms, |files| {
        let before: Vec<Ids> = forms.iter().map(|(number, _)| ids(&by_up, *number)).collect();
        files.uturn(&by_up, "up").exits(0);
        before
    });
    let (plans, ids_before) = plans;
    let (mut answers, mut wrong) = (Vec::new(), Vec::new());
    for (((number, form), plan), before) in forms.iter().zip(&plans).zip(&ids_before) {
        let real = by_itself(&by_hand, *number, form);
        if said(plan) != real {
            wrong.push(format!("{}: {}: plan says `{}`, the table `{real}`", server.kind, form.0, said(plan)));
        }
        let (told, real) = (said_rebuilt(plan), rebuilt(before, &ids(&by_up, *number), form.1));
        // MyISAM tables have no ids.
        if !before.is_empty() && told != real {
            wrong.push(format!("{}: {}: plan says {told} is rebuilt, the ids say {real}", server.kind, form.0));
        }
        answers.push((*number, cell(plan)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    answers
}

/// What `plan` says of each form, and what `then` says once the plan has shown that it changes nothing.
fn planned<T>(db: &Db, forms: &[(usize, &Form)], then: impl FnOnce(&Folder) -> T) -> (Vec<Value>, T) {
    let script: Vec<String> = forms.iter().map(|(number, form)| about(form.1, *number)).collect();
    let files = Folder::with(&[("20260101000000-forms", &format!("{};\n", script.join(";\n")), "SELECT 1;\n")]);
    let before = looks(db);
    let run = files.uturn(db, "plan --json").exits(0);
    assert!(looks(db) == before, "a plan changes nothing");
    let lines = run.out.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let plans: Vec<Value> = lines.filter(|line| line["kind"] != "session" && line["event"] == "plan").collect();
    assert_eq!(plans.len(), forms.len());
    (plans, then(&files))
}

/// What the filled table does, asked and watched by hand.
fn by_itself(db: &Db, number: usize, form: &Form) -> String {
    let before = ids(db, number);
    let real = climb(db, &about(form.1, number));
    let is_rebuilt = rebuilt(&before, &ids(db, number), form.1) != "nothing";
    // MariaDB takes the word and copies: it does so with the lock that a copy needs.
    let is_disowned = db.server.kind == "mariadb" && (real.starts_with("instant") || real.starts_with("nocopy"));
    if is_rebuilt && is_disowned { "copy shared".to_owned() } else { real }
}

/// Definitions and checksums: whoever changes nothing leaves them as they were.
fn looks(db: &Db) -> Vec<String> {
    let mut all = db.schema();
    for table in db.tables() {
        all.extend(db.rows(&format!("CHECKSUM TABLE `{table}`")));
    }
    all
}

/// A server's column of the table between the two marks in docs/plan.md must be this one. INSTA_UPDATE=always writes it.
fn compare_docs(kind: &str, answers: &Answers) {
    const MARKS: [&str; 2] = ["<!-- forms -->\n", "<!-- end of forms -->"];
    // One server's test may write while the other one's reads.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.md");
    let docs = std::fs::read_to_string(&path).expect("docs/plan.md");
    let (head, rest) = docs.split_once(MARKS[0]).expect("the first mark");
    let (old, tail) = rest.split_once(MARKS[1]).expect("the second mark");
    let mut table = "| change | MariaDB 10.11 | MySQL 9.7 |\n| --- | --- | --- |\n".to_owned();
    for (number, form) in FORMS.iter().enumerate() {
        let start = format!("| {} | ", form.0);
        let cells = old.lines().find_map(|line| line.strip_prefix(&start)?.strip_suffix(" |")?.split_once(" | "));
        let answer = answers.iter().find(|(of, _)| *of == number).map_or("", |(_, answer)| answer.as_str());
        let (mariadb, mysql) = match (kind, cells.unwrap_or_default()) {
            ("mariadb", (_, mysql)) => (answer, mysql),
            (_, (mariadb, _)) => (mariadb, answer),
        };
        table.push_str(&format!("{start}{mariadb} | {mysql} |\n"));
    }
    if old == table {
        return;
    }
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, format!("{head}{}{table}{}{tail}", MARKS[0], MARKS[1]))
            .expect("docs/plan.md can be written");
        return;
    }
    panic!("docs/plan.md is out of date; INSTA_UPDATE=always writes it\n{table}");
}
