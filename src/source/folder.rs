//! A folder of scripts, read at run time.

use crate::error::{Error, Kind, Result};
use crate::model::migration::{self, File, Migration};
use std::fs::DirEntry;
use std::path::Path;

/// A file that is not UTF-8, and the first line that is not.
pub type Mangled = (String, u32);

/// Reads every script of the folder (not of folders in it), and makes pairs, in time order.
pub fn load(folder: &Path) -> Result<Vec<Migration>> {
    let (files, mangled) = read(folder)?;
    if let Some((path, line)) = mangled.first() {
        return Err(unreadable(format!("`{path}` is not UTF-8: see line {line}"))
            .hint("save it as UTF-8 (iconv -f latin1 -t utf-8)"));
    }
    Ok(migration::pair(files)?)
}

/// Reads every script of the folder, and tells which are not UTF-8, each with the first line that is not.
pub fn read(folder: &Path) -> Result<(Vec<File>, Vec<Mangled>)> {
    let cannot = |error: std::io::Error| {
        unreadable(format!("cannot read the folder `{}`: {error}", folder.display()))
            .hint("`--dir DIR` names the folder of the migrations; without it those built into the binary are used")
    };
    let (mut files, mut mangled) = (Vec::new(), Vec::new());
    for entry in std::fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        let path = entry.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if !migration::is_script(&name) || is_folder(&entry) {
            continue;
        }
        let shown = path.display().to_string();
        let bytes = std::fs::read(&path).map_err(|error| unreadable(format!("cannot read `{shown}`: {error}")))?;
        let text = String::from_utf8(bytes).unwrap_or_else(|error| {
            let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
            mangled.push((shown.clone(), 1 + before.iter().filter(|b| **b == b'\n').count() as u32));
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        });
        files.push(File { path: shown, text: text.into() });
    }
    Ok((files, mangled))
}

fn unreadable(what: String) -> Error {
    Error::new(Kind::Files, what).truth("nothing has been changed")
}

/// A directory tells with each name what it is, so that only for a link must the system be asked.
fn is_folder(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| if kind.is_symlink() { entry.path().is_dir() } else { kind.is_dir() })
}
