//! A folder of scripts, read at run time.

use crate::error::{Error, Kind, Result};
use crate::migration::pair::{self, Found, Pairs};
use crate::source::foreign;
use std::collections::BTreeMap;
use std::fs::DirEntry;
use std::path::Path;

/// Whether a command can do without any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// None is an answer, too.
    Allowed,
    /// None is an error: a folder that was not mounted must not look like one where nothing is pending.
    Refused,
}

/// Reads every script of the folder (not of folders in it), and makes pairs, in time order. None at all is refused, or allowed.
pub fn load(folder: &Path, empty: Empty) -> Result<Pairs> {
    let files = read(folder)?;
    let is_ours = |file: &Found| foreign::tool(pair::last_part(pair::path(file)), text(file)).is_none();
    match (files.iter().any(is_ours), empty) {
        (true, _) => Ok(pair::pair(files)),
        (false, Empty::Allowed) => Ok(Pairs::default()),
        (false, Empty::Refused) => Err(no_migration(folder, &files)),
    }
}

fn text(file: &Found) -> &str {
    file.as_ref().map_or("", |file| &file.text)
}

/// Every script of the folder.
pub fn read(folder: &Path) -> Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in entries(folder)? {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !pair::is_script(&name) || is_folder(&entry) {
            continue;
        }
        files.push(pair::found(path.display().to_string(), std::fs::read(&path)));
    }
    Ok(files)
}

fn entries(folder: &Path) -> Result<Vec<DirEntry>> {
    let cannot = |error: std::io::Error| {
        unreadable(format!("cannot read the folder `{}`: {error}", folder.display()))
            .hint("`--dir DIR` names the folder of the migrations; without it the folder `sql` is read")
    };
    std::fs::read_dir(folder).map_err(cannot)?.map(|entry| entry.map_err(cannot)).collect()
}

fn unreadable(what: String) -> Error {
    Error::new(Kind::Files, what).truth("nothing has been changed")
}

/// A directory tells with each name what it is, so that only for a link must the system be asked.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| if kind.is_symlink() { entry.path().is_dir() } else { kind.is_dir() })
}

/// What is there instead: nothing, files of another tool, files and folders of no tool that is known.
fn no_migration(folder: &Path, scripts: &[Found]) -> Error {
    let mut found: BTreeMap<(&str, Option<&str>), Vec<String>> = BTreeMap::new();
    for entry in entries(folder).unwrap_or_default() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = scripts.iter().find(|file| pair::last_part(pair::path(file)) == name).map_or("", text);
        let kind = match is_folder(&entry) {
            true => ("folder", foreign::tool_of_folders(|file| entry.path().join(file).is_file())),
            false => ("file", foreign::tool(&name, text)),
        };
        found.entry(kind).or_default().push(name);
    }
    let list: Vec<String> = found.into_iter().map(|((kind, tool), names)| some(kind, tool, names)).collect();
    let found = if list.is_empty() { "it is empty".to_owned() } else { format!("it holds {}", list.join(", ")) };
    unreadable(format!("there is no migration in the folder `{}`: {found}", folder.display())).hint(
        "if this is not the folder that was meant, name it: `--dir DIR`; a migration is a pair of files, \
         `YYYYMMDDHHMMSS-name.up.sql` and `.down.sql` (`uturn new NAME` writes one); `--allow-empty` goes on without any",
    )
}

/// `2 files of dbmate (`a`, `b`)`: the first three are named.
fn some(kind: &str, tool: Option<&str>, mut names: Vec<String>) -> String {
    names.sort();
    let (count, rest) = (names.len(), if names.len() > 3 { ", …" } else { "" });
    let names: Vec<String> = names.into_iter().take(3).map(|name| format!("`{name}`")).collect();
    let (s, names) = (if count == 1 { "" } else { "s" }, names.join(", "));
    match tool {
        Some(tool) => format!("{count} {kind}{s} of {tool} ({names}{rest})"),
        None => format!("{count} other {kind}{s} ({names}{rest})"),
    }
}
