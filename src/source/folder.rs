//! A folder of scripts, read at run time.

use crate::error::{Error, Kind, Result};
use crate::migration::pair::{self, File, Migration};
use crate::script::encoding::Mangled;
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

/// Reads every script of the folder (not of folders in it), and makes pairs, in time order.
pub fn load(folder: &Path, empty: Empty) -> Result<Vec<Migration>> {
    let (files, mangled) = scripts(folder, empty)?;
    if let Some(file) = mangled.first() {
        return Err(unreadable(format!("`{}` is {}", file.path, file.what())).hint(file.hint()));
    }
    Ok(pair::pair(files)?)
}

/// Reads every script of the folder that is ours to judge. None at all is refused, or allowed.
pub fn scripts(folder: &Path, empty: Empty) -> Result<(Vec<File>, Vec<Mangled>)> {
    let (files, mangled) = read(folder)?;
    let is_ours = |file: &File| foreign::tool(file.name(), &file.text).is_none();
    match (files.iter().any(is_ours), empty) {
        (true, _) => Ok((files, mangled)),
        (false, Empty::Allowed) => Ok((Vec::new(), Vec::new())),
        (false, Empty::Refused) => Err(no_migration(folder, &files)),
    }
}

/// Reads every script of the folder, and tells which are not UTF-8.
pub fn read(folder: &Path) -> Result<(Vec<File>, Vec<Mangled>)> {
    let (mut files, mut mangled) = (Vec::new(), Vec::new());
    for entry in entries(folder)? {
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !pair::is_script(&name) || is_folder(&entry) {
            continue;
        }
        let shown = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|error| unreadable(format!("cannot read `{shown}`: {error}")))?;
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            mangled.push(Mangled::new(shown.clone(), error.as_bytes(), error.utf8_error().valid_up_to()));
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        files.push(File { path: shown, text: text.into() });
    }
    Ok((files, mangled))
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
fn no_migration(folder: &Path, scripts: &[File]) -> Error {
    let mut found: BTreeMap<(&str, Option<&str>), Vec<String>> = BTreeMap::new();
    for entry in entries(folder).unwrap_or_default() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let text = scripts.iter().find(|file| file.name() == name).map_or("", |file| &file.text);
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
