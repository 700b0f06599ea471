//! The migrations that every tool is given: the 24 that uturn ships, and any number of mixed ones.

use uturn::script::lexer::Modes;
use uturn::script::split;
use uturn::source::embedded;

/// One migration, its statements one by one, since some tools run only one a call.
pub struct Pair {
    /// 14 digits.
    pub version: i64,
    /// Words joined by `_`.
    pub name: String,
    /// The change.
    pub up: Vec<String>,
    /// Its way back.
    pub down: Vec<String>,
}

/// Those of `sql/`.
pub fn shipped() -> Vec<Pair> {
    let migrations = embedded::load(embedded::OWN.scripts).expect("the build has looked at them");
    let pair = |one: &uturn::migration::pair::Migration| Pair {
        version: one.name.version().number(),
        name: one.name.history_name(),
        up: statements(&one.up.as_ref().expect("a good file").text),
        down: statements(&one.down.as_ref().expect("a good file").text),
    };
    migrations.iter().map(pair).collect()
}

fn statements(text: &str) -> Vec<String> {
    let script = split::split(text, Modes::default()).expect("the build has looked at it");
    script.statements().iter().map(|one| script.text(one).to_owned()).collect()
}

/// Ten of a kind of project: tables, then columns, keys, rows, views on them.
pub fn mixed(count: usize) -> Vec<Pair> {
    (0..count).map(|number| one_of_ten(number / 10, number % 10)).collect()
}

fn one_of_ten(group: usize, place: usize) -> Pair {
    let table = format!("t{group}");
    let (name, up, down): (&str, Vec<String>, Vec<String>) = match place {
        0 => (
            "create",
            vec![format!(
                "CREATE TABLE {table} (id INT NOT NULL AUTO_INCREMENT, title VARCHAR(100) NOT NULL, \
                 state ENUM('new', 'done') NOT NULL DEFAULT 'new', made DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, \
                 PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"
            )],
            vec![format!("DROP TABLE {table}")],
        ),
        1 => (
            "fill",
            vec![format!("INSERT INTO {table} (title) VALUES ('a'), ('b; c'), ('d')")],
            vec![format!("DELETE FROM {table}")],
        ),
        2 => (
            "add_column",
            vec![format!("ALTER TABLE {table} ADD COLUMN note VARCHAR(200) NULL")],
            vec![format!("ALTER TABLE {table} DROP COLUMN note")],
        ),
        3 => (
            "add_key",
            vec![format!("CREATE INDEX by_title ON {table} (title)")],
            vec![format!("DROP INDEX by_title ON {table}")],
        ),
        4 => (
            "create_child",
            vec![format!(
                "CREATE TABLE {table}_child (id INT NOT NULL PRIMARY KEY, parent INT NULL, \
                 CONSTRAINT {table}_parent FOREIGN KEY (parent) REFERENCES {table} (id)) ENGINE=InnoDB"
            )],
            vec![format!("DROP TABLE {table}_child")],
        ),
        5 => (
            "widen",
            vec![format!("ALTER TABLE {table} MODIFY title VARCHAR(120) NOT NULL")],
            vec![format!("ALTER TABLE {table} MODIFY title VARCHAR(100) NOT NULL")],
        ),
        6 => (
            "view",
            vec![format!("CREATE VIEW {table}_done AS SELECT id, title FROM {table} WHERE state = 'done'")],
            vec![format!("DROP VIEW {table}_done")],
        ),
        7 => (
            "several",
            vec![
                format!("ALTER TABLE {table} ADD COLUMN score INT NOT NULL DEFAULT 0"),
                format!("UPDATE {table} SET score = id * 2"),
                format!("CREATE INDEX by_score ON {table} (score)"),
            ],
            vec![format!("DROP INDEX by_score ON {table}"), format!("ALTER TABLE {table} DROP COLUMN score")],
        ),
        8 => (
            "change_rows",
            vec![format!("UPDATE {table} SET state = 'done' WHERE id > 1")],
            vec![format!("UPDATE {table} SET state = 'new'")],
        ),
        _ => (
            "rename_column",
            vec![format!("ALTER TABLE {table} RENAME COLUMN note TO remark")],
            vec![format!("ALTER TABLE {table} RENAME COLUMN remark TO note")],
        ),
    };
    let minute = group * 10 + place;
    let (day, hour, minute) = (1 + minute / 1440, minute / 60 % 24, minute % 60);
    let (month, day) = (1 + (day - 1) / 28, 1 + (day - 1) % 28);
    let version = format!("2026{month:02}{day:02}{hour:02}{minute:02}00").parse().expect("14 digits");
    Pair { version, name: format!("{name}_{table}"), up, down }
}
