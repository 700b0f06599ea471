//! Files of other migration tools, by their names and first lines: so that a folder of them is called what it is.

/// Which tool's file this is, if it is known to be one. `text` is that of a script.
pub fn tool(name: &str, text: &str) -> Option<&'static str> {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &name[digits..];
    match name.rsplit_once('.').map(|(_, extension)| extension)? {
        "sql" => of_script(name, digits, rest, text),
        "js" | "cjs" | "mjs" | "ts" if digits == 14 => Some("Sequelize or Knex"),
        "js" | "ts" if digits == 13 => Some("TypeORM"),
        "rb" if digits == 14 => Some("Rails"),
        "php" if digits == 4 && rest.starts_with('_') => Some("Laravel"),
        "php" if digits == 14 => Some("Phinx"),
        "php" if name.starts_with("Version") => Some("Doctrine"),
        "py" if digits == 4 && rest.starts_with('_') => Some("Django"),
        "py" if is_revision(name) => Some("Alembic"),
        "xml" | "yaml" | "yml" if name.to_ascii_lowercase().contains("changelog") => Some("Liquibase"),
        "sum" if name == "atlas.sum" => Some("Atlas"),
        _ => None,
    }
}

fn of_script(name: &str, digits: usize, rest: &str, text: &str) -> Option<&'static str> {
    let marks = [
        ("-- migrate:up", "dbmate"),
        ("-- +goose Up", "goose"),
        ("-- +migrate Up", "sql-migrate"),
        ("--liquibase formatted sql", "Liquibase"),
    ];
    let is_marked = |mark: &str| text.lines().take(20).any(|line| line.trim_end().starts_with(mark));
    if let Some((_, tool)) = marks.into_iter().find(|(mark, _)| is_marked(mark)) {
        return Some(tool);
    }
    let version = name.split_once("__").map_or("", |(version, _)| version);
    if version.strip_prefix(['V', 'U']).is_some_and(|number| number.starts_with(|c: char| c.is_ascii_digit())) {
        return Some("Flyway or refinery");
    }
    if version == "R" {
        return Some("Flyway");
    }
    let is_numbered = (1..=10).contains(&digits) && rest.starts_with('_') && is_one_way(name);
    is_numbered.then_some("golang-migrate")
}

fn is_one_way(name: &str) -> bool {
    name.ends_with(".up.sql") || name.ends_with(".down.sql")
}

/// `ae1027a6acf_add_users.py`
fn is_revision(name: &str) -> bool {
    name.split_once('_').is_some_and(|(id, _)| id.len() >= 11 && id.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Which tool keeps each migration in a folder that holds this file.
pub fn tool_of_folders(holds: impl Fn(&str) -> bool) -> Option<&'static str> {
    [("migration.sql", "Prisma"), ("up.sql", "Diesel")].into_iter().find(|(name, _)| holds(name)).map(|(_, tool)| tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names_and_first_lines() {
        for (name, text, known) in [
            ("V1__init.sql", "", Some("Flyway or refinery")),
            ("V2.1__add users.sql", "", Some("Flyway or refinery")),
            ("U1__init.sql", "", Some("Flyway or refinery")),
            ("R__views.sql", "", Some("Flyway")),
            ("000001_init.up.sql", "", Some("golang-migrate")),
            ("1_init.down.sql", "", Some("golang-migrate")),
            ("20200101000000_init.sql", "-- migrate:up\nSELECT 1;\n", Some("dbmate")),
            ("00001_init.sql", "-- +goose Up\nSELECT 1;\n", Some("goose")),
            ("1-init.sql", "\n-- +migrate Up\n", Some("sql-migrate")),
            ("20200101000000-init.js", "", Some("Sequelize or Knex")),
            ("1600000000000-Init.ts", "", Some("TypeORM")),
            ("20200101000000_init.rb", "", Some("Rails")),
            ("2014_10_12_000000_create_users_table.php", "", Some("Laravel")),
            ("0001_initial.py", "", Some("Django")),
            ("ae1027a6acf0_add_users.py", "", Some("Alembic")),
            ("db.changelog-master.xml", "", Some("Liquibase")),
            // Ours, or nobody's: what is wrong with their names is said.
            ("20260101000000-a.up.sql", "", None),
            ("20260101000000_a.down.sql", "", None),
            ("20260101000000-a.sql", "SELECT 1;", None),
            ("2026010100000_a.up.sql", "", None),
            ("add-users.up.sql", "", None),
            ("V__x.sql", "", None),
            ("é__x.sql", "", None),
            ("schema.sql", "", None),
            ("README.md", "", None),
            ("init.py", "", None),
        ] {
            assert_eq!(tool(name, text), known, "{name}");
        }
        assert_eq!(tool_of_folders(|name| name == "migration.sql"), Some("Prisma"));
        assert_eq!(tool_of_folders(|_| false), None);
    }
}
