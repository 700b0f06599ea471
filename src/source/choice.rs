//! Which migrations a command takes: those of a folder, or those that are built into the binary.

use crate::error::{Error, Kind, Result};
use crate::migration::name::Name;
use crate::migration::pair::{self, File, Pairs};
use crate::source::embedded::{self, BuiltIn};
use crate::source::folder::{self, Empty};
use std::path::{Path, PathBuf};

/// The folder that is read where nothing was said.
pub const DEFAULT: &str = "sql";

/// What was said of where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `--dir`.
    Folder(PathBuf),
    /// `--built-in`.
    BuiltIn,
    /// Nothing.
    Nothing,
}

/// Where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// This folder.
    Folder(PathBuf),
    /// The binary.
    BuiltIn,
    /// Nowhere: there is no folder that is read where nothing was said.
    Nowhere,
}

impl Choice {
    /// The folder, if it is one.
    pub fn folder(&self) -> Option<&Path> {
        match self {
            Choice::Folder(folder) => Some(folder),
            Choice::BuiltIn | Choice::Nowhere => None,
        }
    }
}

/// Decides, in the folder where uturn was started. Example migrations run only where they are asked for.
pub fn choose(asked: Asked, here: &Path, own: &BuiltIn) -> Result<Choice> {
    let default = here.join(DEFAULT);
    match asked {
        Asked::Folder(folder) => Ok(Choice::Folder(folder)),
        Asked::BuiltIn if own.scripts.is_empty() => Err(error("no migrations are built into this binary")
            .hint("without `--built-in` those of the folder `sql` are used; `--dir DIR` names another one")),
        Asked::BuiltIn => Ok(Choice::BuiltIn),
        Asked::Nothing if own.scripts.is_empty() || own.is_example() => {
            Ok(if default.exists() { Choice::Folder(PathBuf::from(DEFAULT)) } else { Choice::Nowhere })
        }
        Asked::Nothing => same(&default, own).map(|()| Choice::BuiltIn),
    }
}

/// Refuses if the folder holds other migrations than the binary: which of them are meant?
fn same(default: &Path, own: &BuiltIn) -> Result<()> {
    if !default.is_dir() {
        return Ok(());
    }
    let unread = |file: pair::Fault| File { path: file.files.concat(), text: "".into() };
    let files = folder::read(default)?.into_iter().map(|file| file.unwrap_or_else(unread));
    let mut there: Vec<File> = files.filter(|file| Name::of_file(file.name()).is_ok()).collect();
    let mut here = embedded::files(own.scripts);
    for files in [&mut here, &mut there] {
        files.sort_by(|one, other| one.name().cmp(other.name()));
    }
    if there.is_empty() || (here.len() == there.len() && here.iter().zip(&there).all(|(a, b)| is_same(a, b))) {
        return Ok(());
    }
    let differs = first_difference(&here, &there);
    Err(error(format!(
        "this binary holds {}, and the folder `{DEFAULT}` other ones: {}; `{differs}` is the first file that differs",
        summary(&here),
        summary(&there)
    ))
    .hint("`--dir sql` takes those of the folder, `--built-in` those of the binary; or build the binary again"))
}

fn is_same(a: &File, b: &File) -> bool {
    a.name() == b.name() && a.text == b.text
}

fn first_difference(a: &[File], b: &[File]) -> String {
    let at = a.iter().zip(b).position(|(a, b)| !is_same(a, b)).unwrap_or(a.len().min(b.len()));
    let names = [a.get(at), b.get(at)];
    names.into_iter().flatten().map(File::name).min().unwrap_or_default().to_owned()
}

/// How many migrations these sorted files are, with the first and the last one.
pub fn summary(files: &[File]) -> String {
    let mut names: Vec<Name> = files.iter().filter_map(|file| Some(Name::of_file(file.name()).ok()?.0)).collect();
    names.dedup();
    match &names[..] {
        [] => "no migrations".to_owned(),
        [one] => format!("1 migration (`{one}`)"),
        [first, .., last] => format!("{} migrations (`{first}` to `{last}`)", names.len()),
    }
}

/// The migrations, in time order.
pub fn load(choice: &Choice, empty: Empty, own: &BuiltIn) -> Result<Pairs> {
    match choice {
        Choice::Folder(folder) => folder::load(folder, empty),
        Choice::BuiltIn => Ok(embedded::pairs(own.scripts)),
        Choice::Nowhere if empty == Empty::Allowed => Ok(Pairs::default()),
        Choice::Nowhere => Err(nowhere(own)),
    }
}

fn nowhere(own: &BuiltIn) -> Error {
    let (what, hint) = if own.is_example() {
        let what = format!("there is no folder `{DEFAULT}` here; the migrations in this binary are an example");
        (what, "`--dir DIR` names the folder of yours; `--built-in` runs the example")
    } else {
        let what = format!("there is no folder `{DEFAULT}` here, and no migrations are built into this binary");
        (what, "`--dir DIR` names the folder of the migrations; `--allow-empty` goes on without any")
    };
    error(what).hint(hint)
}

fn error(what: impl Into<String>) -> Error {
    Error::new(Kind::Files, what).truth("nothing has been changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: BuiltIn = BuiltIn {
        scripts: &[
            ("sql/20260101000000-a.up.sql", "SELECT 1;"),
            ("sql/20260101000000-a.down.sql", "SELECT 0;"),
            ("sql/20260102000000-b.up.sql", "SELECT 2;"),
            ("sql/20260102000000-b.down.sql", "SELECT 0;"),
        ],
        digest: "its own",
    };
    const EXAMPLE: BuiltIn = BuiltIn { digest: embedded::EXAMPLE, ..OWN };
    const NONE: BuiltIn = BuiltIn { scripts: &[], digest: "" };

    fn here(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join(DEFAULT)).expect("it can be written");
        for (path, text) in files {
            std::fs::write(folder.path().join(path), text).expect("it can be written");
        }
        folder
    }

    fn chosen(asked: Asked, here: &Path, own: &BuiltIn) -> std::result::Result<Choice, String> {
        choose(asked, here, own).map_err(|error| error.to_string())
    }

    #[test]
    fn a_folder_that_is_named_is_taken_and_so_is_what_is_asked_for_as_built_in() {
        let (folder, other) = (here(OWN.scripts), PathBuf::from("other"));
        for own in [&OWN, &EXAMPLE, &NONE] {
            let named = chosen(Asked::Folder(other.clone()), folder.path(), own);
            assert_eq!(named, Ok(Choice::Folder(other.clone())));
        }
        assert_eq!(chosen(Asked::BuiltIn, folder.path(), &OWN), Ok(Choice::BuiltIn));
        assert_eq!(chosen(Asked::BuiltIn, folder.path(), &EXAMPLE), Ok(Choice::BuiltIn));
        assert!(chosen(Asked::BuiltIn, folder.path(), &NONE).is_err_and(|said| said.contains("no migrations")));
    }

    #[test]
    fn nothing_built_in_and_an_example_read_the_folder() {
        let (folder, empty) = (here(OWN.scripts), tempfile::tempdir().expect("a temporary folder"));
        for own in [&EXAMPLE, &NONE] {
            assert_eq!(chosen(Asked::Nothing, folder.path(), own), Ok(Choice::Folder(DEFAULT.into())));
            assert_eq!(chosen(Asked::Nothing, empty.path(), own), Ok(Choice::Nowhere));
            assert!(load(&Choice::Nowhere, Empty::Refused, own).is_err());
            assert_eq!(load(&Choice::Nowhere, Empty::Allowed, own), Ok(Pairs::default()));
        }
    }

    #[test]
    fn its_own_migrations_are_taken_unless_the_folder_holds_other_ones() {
        let new = [("sql/20260103000000-c.up.sql", "SELECT 3;"), ("sql/20260103000000-c.down.sql", "SELECT 0;")];
        let edited = [OWN.scripts[0], OWN.scripts[1], ("sql/20260102000000-b.up.sql", "SELECT 22;"), OWN.scripts[3]];
        let longer = [OWN.scripts, &new].concat();
        let half = [OWN.scripts, &new[..1]].concat();
        let notes = [OWN.scripts, &[("sql/notes.sql", "x")]].concat();
        for (files, said) in [
            (&OWN.scripts[..0], None),
            (OWN.scripts, None),
            (&notes, None),
            (&[("sql/V1__init.sql", "SELECT 1;"), ("sql/README.md", "x")], None),
            (&longer, Some("3 migrations (`20260101000000-a` to `20260103000000-c`); `20260103000000-c.down.sql` is")),
            (&half, Some("3 migrations (`20260101000000-a` to `20260103000000-c`); `20260103000000-c.up.sql` is")),
            (&edited, Some("2 migrations (`20260101000000-a` to `20260102000000-b`); `20260102000000-b.up.sql` is")),
            (&OWN.scripts[..2], Some("other ones: 1 migration (`20260101000000-a`); `20260102000000-b.down.sql` is")),
            (&new, Some("other ones: 1 migration (`20260103000000-c`); `20260101000000-a.down.sql` is")),
        ] {
            let folder = here(files);
            match (said, chosen(Asked::Nothing, folder.path(), &OWN)) {
                (None, found) => assert_eq!(found, Ok(Choice::BuiltIn)),
                (Some(said), Err(found)) => {
                    let own = "this binary holds 2 migrations (`20260101000000-a` to `20260102000000-b`)";
                    assert!(found.contains(said) && found.contains(own), "{found}\n{said}");
                }
                (Some(said), Ok(found)) => panic!("{found:?} in place of {said}"),
            }
        }
        let empty = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(chosen(Asked::Nothing, empty.path(), &OWN), Ok(Choice::BuiltIn));
    }
}
