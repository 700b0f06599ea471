//! File name <-> version, stem and direction. `20260128100000-create-users.up.sql` is the only form there is.

use std::fmt;

/// A migration's place in the order: 14 digits of UTC time, read as one number. It is refinery's version too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// The version as refinery's table holds it. An application that uses refinery may have rows with small numbers.
    pub fn from_history(number: i64) -> Version {
        Version(number)
    }

    /// The number that refinery's table holds.
    pub fn number(self) -> i64 {
        self.0
    }

    /// Reads `YYYYMMDDHHMMSS`, or says what is wrong with it.
    pub fn parse(digits: &str) -> Result<Version, NameFault> {
        if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(NameFault::NoTimestamp);
        }
        let part = |from: usize, to: usize| digits[from..to].parse::<u32>().expect("two or four digits");
        let (year, month, day) = (part(0, 4), part(4, 6), part(6, 8));
        // A year before 1000 would be printed without its zeros, as another name.
        let in_calendar = year >= 1000 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        let in_day = part(8, 10) < 24 && part(10, 12) < 60 && part(12, 14) < 60;
        if !in_calendar || !in_day {
            return Err(NameFault::NotATime);
        }
        Ok(Version(digits.parse().expect("14 digits fit an i64")))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Which of a pair's two scripts is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The change.
    Up,
    /// Its way back.
    Down,
}

impl Direction {
    /// `up` or `down`, as in file names and in the journal.
    pub fn word(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What people see and type: the file's stem, `20260128100000-create-users`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    version: Version,
    stem: String,
}

impl Name {
    /// A stem without direction and extension.
    pub fn parse(stem: &str) -> Result<Name, NameFault> {
        let digits = stem.get(..14).ok_or(NameFault::NoTimestamp)?;
        let version = Version::parse(digits)?;
        let label = stem[14..].strip_prefix(['-', '_']).ok_or(NameFault::NoSeparator)?;
        let word_ok = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !label.split(['-', '_']).all(word_ok) {
            return Err(NameFault::BadLabel);
        }
        Ok(Name { version, stem: stem.to_owned() })
    }

    /// Both parts of a file name.
    pub fn of_file(file: &str) -> Result<(Name, Direction), NameFault> {
        let (stem, direction) = if let Some(stem) = file.strip_suffix(".up.sql") {
            (stem, Direction::Up)
        } else if let Some(stem) = file.strip_suffix(".down.sql") {
            (stem, Direction::Down)
        } else {
            return Err(NameFault::NoDirection);
        };
        Ok((Name::parse(stem)?, direction))
    }

    /// The name of a row in the history that no file belongs to.
    pub fn from_history(version: Version, history_name: &str) -> Name {
        Name { version, stem: format!("{version}-{}", history_name.replace('_', "-")) }
    }

    /// Its place in the order.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The file's stem.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// The name in refinery's table: the words after the timestamp, joined by `_`, because refinery's own
    /// pattern (`\w+`, not anchored) silently cuts a name at its first `-`.
    pub fn history_name(&self) -> String {
        self.stem[self.stem.find(['-', '_']).map_or(0, |i| i + 1)..].replace('-', "_")
    }

    /// The file that holds one of the two scripts.
    pub fn file(&self, direction: Direction) -> String {
        format!("{}.{direction}.sql", self.stem)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stem)
    }
}

/// What is wrong with a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Neither `.up.sql` nor `.down.sql`.
    NoDirection,
    /// Does not begin with 14 digits.
    NoTimestamp,
    /// 14 digits, but no such time.
    NotATime,
    /// Nothing, or something else than `-` or `_`, follows the digits.
    NoSeparator,
    /// Something else than words of `[a-z0-9]`.
    BadLabel,
}

impl fmt::Display for NameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameFault::NoDirection => "the name must end in `.up.sql` or `.down.sql`",
            NameFault::NoTimestamp => "the name must begin with 14 digits of UTC time, `YYYYMMDDHHMMSS`",
            NameFault::NotATime => "the 14 digits are not a time, `YYYYMMDDHHMMSS`",
            NameFault::NoSeparator => "after the 14 digits a `-` or `_` and a name must follow",
            NameFault::BadLabel => "the name after the timestamp must be words of a-z and 0-9, joined by `-` or `_`",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_gives_version_stem_history_name_and_direction() {
        let (name, direction) = Name::of_file("20260128100000-create-users.up.sql").expect("good name");
        assert_eq!(name.version().number(), 20260128100000);
        assert_eq!(name.stem(), "20260128100000-create-users");
        assert_eq!(name.history_name(), "create_users");
        assert_eq!(direction, Direction::Up);
        assert_eq!(name.file(Direction::Down), "20260128100000-create-users.down.sql");
    }

    #[test]
    fn each_wrong_name_is_told_apart() {
        for (file, fault) in [
            ("20260128100000-create-users.sql", NameFault::NoDirection),
            ("20260128100000-create-users.up.SQL", NameFault::NoDirection),
            ("create-users.up.sql", NameFault::NoTimestamp),
            ("2026012810000-create-users.up.sql", NameFault::NoTimestamp),
            ("é0260128100000-x.up.sql", NameFault::NoTimestamp),
            ("20261328100000-create-users.up.sql", NameFault::NotATime),
            ("20260229000000-create-users.up.sql", NameFault::NotATime),
            ("20260128240000-create-users.up.sql", NameFault::NotATime),
            ("02260128000000-create-users.up.sql", NameFault::NotATime),
            ("20260128100000.up.sql", NameFault::NoSeparator),
            ("202601281000001-x.up.sql", NameFault::NoSeparator),
            ("20260128100000-.up.sql", NameFault::BadLabel),
            ("20260128100000-Create.up.sql", NameFault::BadLabel),
            ("20260128100000-a--b.up.sql", NameFault::BadLabel),
            ("20260128100000-a.b.up.sql", NameFault::BadLabel),
            ("20260128100000-é.up.sql", NameFault::BadLabel),
        ] {
            assert_eq!(Name::of_file(file), Err(fault), "{file}");
        }
        assert!(Name::of_file("20240229235959_a_b-2.down.sql").is_ok());
    }
}
