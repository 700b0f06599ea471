//! A throwaway server: a mariadbd or mysqld of this machine, started in a temporary folder. It and the folder go with the
//! process that started it, also after kill -9 of it.
//!
//! A shell stands between: it waits for the end of its input, which comes when this process ends in whatever way, then kills
//! the server and removes the folder. Whatever outlived that (the machine was switched off) is cleared by the next start: a
//! folder whose lock nobody holds belongs to nobody.

use crate::db::connect::ClusterUse;
use crate::db::connect::LocalFiles;
use crate::db::connect::{Access, Endpoint, Learnt, Secret, Tls};
use crate::error::{Error, Kind, Result};
use crate::event::Signal;
use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How every folder's name begins.
const PREFIX: &str = "uturn-throwaway-";

/// The file that the process which started the server keeps locked.
const ALIVE: &str = "alive";

/// MySQL takes some seconds to make its data folder, on a slow machine some more.
const PATIENCE: Duration = Duration::from_secs(120);

/// Beside the folders of PATH, where servers are installed.
const FOLDERS: [&str; 5] =
    ["/usr/sbin/", "/usr/local/sbin/", "/usr/libexec/", "/usr/local/mysql/bin/", "/usr/local/bin/"];

/// A running server. Dropping it ends it and removes its folder.
pub struct Throwaway {
    /// How to get to it: as root, in no database yet.
    pub access: Access,
    folder: PathBuf,
    shell: Child,
    /// Locked as long as this process lives.
    _alive: File,
}

/// What starts it.
struct Program {
    /// The server.
    server: String,
    /// It is MariaDB, whose data folder is made by a program of its own.
    installer: Option<String>,
}

impl Throwaway {
    /// Starts one below a folder for temporary files, after clearing what dead processes have left there.
    pub fn start(below: &Path, program: &str, signal: &dyn Fn() -> Option<Signal>) -> Result<Throwaway> {
        let (folder, alive) = make_folder(below)?;
        let owner = std::fs::metadata(&folder).map_err(|error| unusable(&folder, &error))?.uid();
        clear_leftovers(below, owner);
        let found = find();
        let shell = match found {
            Some(found) => watch(&folder, &found, owner == 0),
            None => Err(none_found()),
        };
        let shell = shell.inspect_err(|_| remove(&folder))?;
        let access = Access {
            endpoint: Endpoint::Socket(folder.join("socket")),
            user: "root".to_owned(),
            password: Secret::default(),
            database: String::new(),
            tls: Tls::default(),
            connect_timeout: Duration::from_secs(10),
            program: program.to_owned(),
            local_files: LocalFiles::Refused,
            cluster: ClusterUse::Refused,
            learnt: Learnt::default(),
        };
        let mut server = Throwaway { access, folder, shell, _alive: alive };
        server.wait(signal)?;
        Ok(server)
    }

    fn wait(&mut self, signal: &dyn Fn() -> Option<Signal>) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.folder.join("socket").exists() && self.access.open_server().is_ok() {
                return Ok(());
            }
            if let Some(signal) = signal() {
                return Err(interrupted(signal));
            }
            // The shell ends early where there is nothing to start.
            let is_over = self.folder.join("ended").exists() || self.shell.try_wait().is_ok_and(|end| end.is_some());
            if is_over {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(5).collect();
        let words = last.into_iter().rev().collect::<Vec<_>>().join("\n       ");
        Err(Error::new(Kind::Unreachable, format!("the throwaway server does not start:\n       {words}"))
            .truth("nothing has been changed")
            .hint("configure a server (DATABASE_URL), where a throwaway database is enough"))
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It ends in a moment: it kills the server and removes the folder.
        if let Err(error) = self.shell.wait() {
            log::info!("the throwaway server: {error}");
        }
        remove(&self.folder);
    }
}

fn make_folder(below: &Path) -> Result<(PathBuf, File)> {
    let mut number = std::process::id();
    loop {
        let folder = below.join(format!("{PREFIX}{number}"));
        match DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => {
                let alive = File::create(folder.join(ALIVE)).map_err(|error| unusable(&folder, &error))?;
                // Another process may have taken the folder for a dead one's in this very moment.
                match alive.try_lock() {
                    Ok(()) => return Ok((folder, alive)),
                    Err(std::fs::TryLockError::WouldBlock) => number = number.wrapping_add(1),
                    Err(std::fs::TryLockError::Error(error)) => return Err(unusable(&folder, &error)),
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number = number.wrapping_add(1),
            Err(error) => return Err(unusable(&folder, &error)),
        }
    }
}

fn unusable(folder: &Path, error: &std::io::Error) -> Error {
    Error::new(Kind::Settings, format!("cannot use the folder `{}` for a throwaway server: {error}", folder.display()))
        .truth("nothing has been changed")
        .hint("set TMPDIR to a folder that can be written")
}

fn none_found() -> Error {
    Error::new(Kind::Settings, "no database is configured, and neither mariadbd nor mysqld is on this machine")
        .truth("nothing has been changed")
        .hint("set DATABASE_URL=mysql://user:password@host:3306/database, or install mariadb-server-core or mysql-server-core")
}

/// The first server in PATH or where servers are installed.
fn find() -> Option<Program> {
    let version = ["--no-defaults", "--version"];
    let server = first(&["mariadbd", "mysqld"], &version)?;
    let is_mariadb = says(&server, &version).is_some_and(|words| words.contains("MariaDB"));
    if !is_mariadb {
        return Some(Program { server, installer: None });
    }
    let installer = first(&["mariadb-install-db", "mysql_install_db"], &["--help"])?;
    Some(Program { server, installer: Some(installer) })
}

fn first(names: &[&str], probe: &[&str]) -> Option<String> {
    let in_path = [""].into_iter().chain(FOLDERS);
    let mut places = in_path.flat_map(|folder| names.iter().map(move |name| format!("{folder}{name}")));
    places.find(|place| says(place, probe).is_some())
}

/// What a program prints, if it is there and prints anything.
fn says(program: &str, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (!text.is_empty()).then_some(text)
}

/// Starts the shell that starts the server, and ends it when this process is gone.
fn watch(folder: &Path, program: &Program, is_root: bool) -> Result<Child> {
    let here = |name: &str| folder.join(name).display().to_string();
    let common = [format!("--datadir={}", here("data")), format!("--tmpdir={}", here("tmp"))];
    // MySQL refuses to run as root unless told so.
    let user = is_root.then(|| "--user=root".to_owned());
    let server = |more: &[&str]| {
        let words = [program.server.clone(), "--no-defaults".to_owned()].into_iter().chain(user.clone());
        let words = words.chain(common.clone()).chain(more.iter().map(|word| (*word).to_owned()));
        words.map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
    };
    let make = match &program.installer {
        Some(installer) => {
            // Forced, since a machine without a name of its own, such as a container, is good enough.
            let options = ["--no-defaults", "--force", "--auth-root-authentication-method=normal", "--skip-test-db"];
            let words = std::iter::once(installer.clone()).chain(options.map(str::to_owned)).chain(user.clone());
            words.chain(common.clone()).map(|word| quoted(&word)).collect::<Vec<_>>().join(" ")
        }
        None => server(&["--initialize-insecure"]),
    };
    let socket = format!("--socket={}", here("socket"));
    let pid_file = format!("--pid-file={}", here("pid"));
    // Debian's MySQL has a folder compiled in for it that need not be there.
    let files = format!("--secure-file-priv={}", here("tmp"));
    let mut options =
        vec![socket.as_str(), pid_file.as_str(), files.as_str(), "--skip-networking", "--innodb-buffer-pool-size=64M"];
    // Nothing of it must survive anything.
    options.extend([
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--innodb-flush-method=nosync",
        "--skip-log-bin",
    ]);
    if program.installer.is_none() {
        options.push("--mysqlx=OFF");
    }
    let (server, folder_word) = (server(&options), quoted(&folder.display().to_string()));
    // The input ends with this process. `ended` tells it, and the shell, that the server did so first: then another process may
    // have its number.
    let script = format!(
        "trap '' INT TERM HUP\n\
         cd {folder_word} && mkdir data tmp || exit 1\n\
         {make} >log 2>&1 </dev/null || exit 1\n\
         ( {server} >>log 2>&1 </dev/null & echo $! >server.pid; wait $!; : >ended ) &\n\
         read -r line\n\
         [ -e ended ] || kill -9 \"$(cat server.pid)\" 2>/dev/null\n\
         wait\n\
         cd / && rm -rf {folder_word}\n"
    );
    Command::new("/bin/sh")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C goes to all processes of the terminal's group: the server must not die under a running statement.
        .process_group(0)
        .spawn()
        .map_err(|error| unusable(folder, &error))
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Removes the folders of dead processes, and ends their servers. Only folders of the same user, and only those whose lock
/// nobody holds.
fn clear_leftovers(below: &Path, owner: u32) {
    for entry in std::fs::read_dir(below).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && std::fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir() && data.uid() == owner);
        let is_dead = || File::open(folder.join(ALIVE)).is_ok_and(|alive| alive.try_lock().is_ok());
        if is_ours && is_dead() {
            end_server(&folder);
            remove(&folder);
        }
    }
}

/// A pid is used again some day: it counts only while that process has the folder on its command line.
fn end_server(folder: &Path) {
    let Ok(pid) = std::fs::read_to_string(folder.join("server.pid")) else { return };
    let pid = pid.trim();
    let words = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let datadir = format!("--datadir={}", folder.join("data").display());
    if words.split(|byte| *byte == 0).any(|word| word == datadir.as_bytes()) {
        // Where it cannot be ended, its folder goes all the same.
        let _ = Command::new("kill").args(["-9", pid]).status();
    }
}

fn remove(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => log::info!("{}: {error}", folder.display()),
        _ => {}
    }
}
/// A signal ended the proof.
pub fn interrupted(signal: Signal) -> Error {
    Error::new(signal.kind(), format!("stopped by {}, before the proof was complete", signal.word()))
        .truth("nothing has been changed; the throwaway database is gone")
}
