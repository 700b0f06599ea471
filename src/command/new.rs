//! `uturn new NAME`: writes a pair of files, with a skeleton that fits the name.

use crate::command::{Mode, Outcome};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener};
use crate::migration::name::{Direction, Name, Version};
use crate::migration::pair::is_script;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use time::{Duration, OffsetDateTime};

/// Writes `TIMESTAMP-NAME.up.sql` and `.down.sql` into the folder. The timestamp is now, or a second later than the
/// newest one there. Either both files are written or none.
pub fn run(folder: &Path, name: &str, now: OffsetDateTime, mode: Mode, listener: &mut Listener<'_>) -> Result<Outcome> {
    let name = words(name);
    let newest = newest(folder)?;
    let later = newest.checked_add(Duration::seconds(1)).ok_or_else(|| {
        Error::new(Kind::Files, format!("no timestamp is later than the newest one there, {}", stamp(newest)))
            .truth("nothing has been written")
            .hint("give that migration another timestamp")
    })?;
    let stamp = stamp(now.max(later));
    let name = Name::parse(&format!("{stamp}-{name}")).map_err(|fault| {
        Error::new(Kind::Files, format!("`{name}` cannot be a migration's name: {fault}"))
            .truth("nothing has been written")
            .hint("for example: uturn new create-users")
    })?;
    let (up, down) = skeleton(name.stem().get(15..).unwrap_or_default());
    let files = [(Direction::Up, up), (Direction::Down, down)].map(|(way, text)| (folder.join(name.file(way)), text));
    if mode == Mode::Print {
        for (path, text) in files {
            listener(Event::Sql(format!("-- {}\n{text}\n", path.display())));
        }
        return Ok(Outcome::Done);
    }
    let mut made = Vec::new();
    for (path, text) in &files {
        if let Err(error) = write(path, text, &mut made) {
            for path in made {
                // What cannot be removed cannot be helped here; the message names the folder.
                let _ = std::fs::remove_file(path);
            }
            return Err(Error::new(Kind::Files, format!("cannot write `{}`: {error}", path.display()))
                .truth("no file has been left behind")
                .hint("make room or fix the folder's rights, and run it again"));
        }
    }
    for (path, _) in files {
        listener(Event::Wrote(path.display().to_string()));
    }
    Ok(Outcome::Done)
}

/// `Create Users` and `CreateUsers` are `create-users`; other separators stay.
fn words(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut words = String::new();
    for (at, c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let ends_word = before.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let ends_capitals =
            before.is_some_and(|c| c.is_ascii_uppercase()) && chars.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if c.is_ascii_uppercase() && (ends_word || ends_capitals) {
            words.push('-');
        }
        words.push(if *c == ' ' { '-' } else { c.to_ascii_lowercase() });
    }
    words
}

/// The file is on disk before it is announced; a file that is there is never overwritten.
fn write<'p>(path: &'p Path, text: &str, made: &mut Vec<&'p Path>) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    made.push(path);
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// The version that a moment gives.
pub fn version(at: OffsetDateTime) -> Version {
    Version::from_history(stamp(at).parse().expect("14 digits"))
}

fn stamp(at: OffsetDateTime) -> String {
    let (date, time) = (at.date(), at.time());
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// The newest timestamp in the folder.
fn newest(folder: &Path) -> Result<OffsetDateTime> {
    let unreadable = |error: std::io::Error| {
        Error::new(Kind::Files, format!("cannot read the folder `{}`: {error}", folder.display()))
            .truth("nothing has been written")
            .hint("make it (mkdir), or name another one: `--dir DIR`")
    };
    let mut newest = OffsetDateTime::UNIX_EPOCH;
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.file_name();
        let file = file.to_string_lossy();
        if let (true, Ok((name, _))) = (is_script(&file), Name::of_file(&file)) {
            newest = newest.max(moment(name.version().number()).unwrap_or(newest));
        }
    }
    Ok(newest)
}

fn moment(version: i64) -> Option<OffsetDateTime> {
    let part = |divisor: i64, modulus: i64| u8::try_from(version / divisor % modulus).ok();
    let month = time::Month::try_from(part(100_000_000, 100)?).ok()?;
    let year = i32::try_from(version / 10_000_000_000).ok()?;
    let date = time::Date::from_calendar_date(year, month, part(1_000_000, 100)?).ok()?;
    let time = time::Time::from_hms(part(10_000, 100)?, part(100, 100)?, part(1, 100)?).ok()?;
    Some(OffsetDateTime::new_utc(date, time))
}

/// The texts of both files for a label such as `add-phone-to-users`. Names are quoted: `rank` and `groups` are reserved.
fn skeleton(label: &str) -> (String, String) {
    let words: Vec<&str> = label.split(['-', '_']).collect();
    let join = |words: &[&str]| words.join("_");
    let split_at = |word: &str| words.iter().rposition(|w| *w == word).filter(|at| *at > 1 && *at + 1 < words.len());
    match words.first() {
        Some(&"create") if words.len() > 1 => create(&join(&words[1..])),
        Some(&"add") => match split_at("to") {
            Some(to) => add(&join(&words[1..to]), &join(&words[to + 1..])),
            None => plain(),
        },
        Some(&"remove") => match split_at("from") {
            Some(from) => {
                let (up, down) = add(&join(&words[1..from]), &join(&words[from + 1..]));
                (down, up)
            }
            None => plain(),
        },
        Some(&"alter") if words.len() > 2 => alter(words[1], &join(&words[2..])),
        Some(&"rename") => match split_at("to") {
            Some(to) => rename(&join(&words[1..to]), &join(&words[to + 1..])),
            None => plain(),
        },
        _ => plain(),
    }
}

fn create(table: &str) -> (String, String) {
    (
        format!(
            "CREATE TABLE `{table}` (\n    id INT NOT NULL AUTO_INCREMENT,\n    PRIMARY KEY (id)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n"
        ),
        format!("DROP TABLE `{table}`;\n"),
    )
}

fn add(column: &str, table: &str) -> (String, String) {
    (
        format!("ALTER TABLE `{table}`\n    ADD COLUMN `{column}` VARCHAR(255) NULL;\n"),
        format!("ALTER TABLE `{table}`\n    DROP COLUMN `{column}`;\n"),
    )
}

fn alter(table: &str, column: &str) -> (String, String) {
    (
        format!(
            "-- the whole new definition: what is left out (NOT NULL, DEFAULT, COMMENT) is lost\nALTER TABLE `{table}`\n    MODIFY COLUMN `{column}` VARCHAR(255) NULL;\n"
        ),
        format!(
            "-- the whole old definition, as SHOW CREATE TABLE {table} gives it\nALTER TABLE `{table}`\n    MODIFY COLUMN `{column}` VARCHAR(100) NULL;\n"
        ),
    )
}

fn rename(from: &str, to: &str) -> (String, String) {
    (format!("RENAME TABLE `{from}` TO `{to}`;\n"), format!("RENAME TABLE `{to}` TO `{from}`;\n"))
}

/// Both files hold no statement, so that they are refused until they are written.
fn plain() -> (String, String) {
    (
        "-- the change; each statement ends with `;`\n".to_owned(),
        "-- its exact reverse; a line `uturn: irreversible: REASON` behind `--` says that there is none\n".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skeleton_fits_the_name() {
        for (label, up, down) in [
            ("create-film-prizes", "CREATE TABLE `film_prizes` (", "DROP TABLE `film_prizes`;"),
            ("add-phone-number-to-users", "ADD COLUMN `phone_number` ", "DROP COLUMN `phone_number`;"),
            ("remove-phone-from-users", "DROP COLUMN `phone`;", "ADD COLUMN `phone` "),
            ("alter-users-known-by", "MODIFY COLUMN `known_by` ", "MODIFY COLUMN `known_by` "),
            ("rename-films-to-movies", "RENAME TABLE `films` TO `movies`;", "RENAME TABLE `movies` TO `films`;"),
        ] {
            let texts = skeleton(label);
            assert!(texts.0.contains(up) && texts.1.contains(down), "{label}: {texts:?}");
        }
        for label in ["create", "add-to-users", "add-phone", "rename-a", "tidy-up"] {
            assert_eq!(skeleton(label), plain(), "{label}");
        }
    }

    #[test]
    fn a_name_is_made_of_words() {
        for (name, found) in [
            ("CreateUsers", "create-users"),
            ("addPhoneToUsers", "add-phone-to-users"),
            ("AddHTTPStatusToLogs", "add-http-status-to-logs"),
            ("V2", "v2"),
            ("RenameV2ToV3", "rename-v2-to-v3"),
            ("Create Users", "create-users"),
            ("CREATE_USERS", "create_users"),
            ("Create_Users", "create_users"),
            ("create-users", "create-users"),
            ("É", "É"),
            ("", ""),
        ] {
            assert_eq!(words(name), found, "{name}");
        }
    }

    #[test]
    fn a_version_is_a_moment() {
        assert_eq!(moment(20260128100000).map(stamp).as_deref(), Some("20260128100000"));
        assert_eq!(moment(20261328100000), None);
    }
}
