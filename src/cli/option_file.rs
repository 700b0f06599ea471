//! An option file of the mysql client (`my.cnf`), read as the clients read it: groups, quotes, escapes, comments, `!include`
//! and `!includedir`. Only a file that is named is read, and of it only what makes a connection.
//!
//! No message shows a line of the file: it may hold the password.

use crate::db::connect::{Endpoint, Secret, Tls, TlsMode};
use crate::error::{Error, Kind, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What every client reads, and what MariaDB's reads beside it.
const GROUPS: [&str; 3] = ["client", "client-server", "client-mariadb"];

/// What a file says about the connection.
#[derive(Debug, Default)]
pub struct OptionFile {
    /// The account.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<Secret>,
    /// The database.
    pub database: Option<String>,
    /// Where the server listens.
    pub endpoint: Option<Endpoint>,
    /// TLS, as far as it is said.
    pub tls: Tls,
}

/// An option as it was found last. It has no Debug: the value may be a password.
struct Found {
    value: Option<String>,
    path: PathBuf,
    line: usize,
}

/// Reads a file and what it includes.
pub fn read(path: &Path) -> Result<OptionFile> {
    let mut options = BTreeMap::new();
    collect(path, 0, &mut options)?;
    Options(options).connection()
}

fn wrong(what: String) -> Error {
    Error::new(Kind::Settings, what).truth("nothing has been changed")
}

fn collect(path: &Path, depth: usize, options: &mut BTreeMap<String, Found>) -> Result<()> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| wrong(format!("cannot read the option file `{shown}`: {error}")))?;
    if is_writable_by_all(path) {
        return Err(wrong(format!("everybody may write the option file `{shown}`"))
            .hint(format!("the mysql client does not read it either; type: chmod o-w {shown}")));
    }
    let mut group: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let at = |what: &str| wrong(format!("{shown}:{}: {what}", index + 1));
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(directive) = line.strip_prefix('!') {
            include(directive, depth, options, &at)?;
        } else if let Some(rest) = line.strip_prefix('[') {
            let (name, _) = rest.split_once(']').ok_or_else(|| at("the name of a group ends with `]`"))?;
            group = Some(name.trim().to_owned());
        } else {
            let group =
                group.as_ref().ok_or_else(|| at("an option stands before the first group, such as [client]"))?;
            if GROUPS.contains(&group.as_str()) {
                let (name, value) = option(line);
                options.insert(name, Found { value, path: path.to_owned(), line: index + 1 });
            }
        }
    }
    Ok(())
}

/// `include PATH`, `includedir DIR`: read where they stand, so that what comes behind them beats them.
fn include(
    directive: &str,
    depth: usize,
    options: &mut BTreeMap<String, Found>,
    at: &dyn Fn(&str) -> Error,
) -> Result<()> {
    /// As deep as the clients go.
    const DEPTH: usize = 10;
    let (word, argument) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
    let argument = Path::new(argument.trim());
    if argument.as_os_str().is_empty() || !matches!(word, "include" | "includedir") {
        return Err(at("known are `!include FILE` and `!includedir FOLDER`"));
    }
    if depth == DEPTH {
        return Err(at("option files include one another more than 10 deep"));
    }
    if word == "include" {
        return collect(argument, depth + 1, options);
    }
    let entries = std::fs::read_dir(argument)
        .map_err(|error| at(&format!("cannot read the folder `{}`: {error}", argument.display())))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cnf"));
    files.sort();
    files.iter().try_for_each(|file| collect(file, depth + 1, options))
}

#[cfg(unix)]
fn is_writable_by_all(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o002 != 0)
}

#[cfg(not(unix))]
fn is_writable_by_all(_: &Path) -> bool {
    false
}

/// `name = value`, or a name alone. In a name `_` and `-` are the same.
fn option(line: &str) -> (String, Option<String>) {
    let line = without_comment(line);
    let (name, value) = match line.split_once('=') {
        Some((name, value)) => (name, Some(unescaped(unquoted(value.trim())))),
        None => (line, None),
    };
    let name = name.trim().replace('_', "-");
    (name.strip_prefix("loose-").unwrap_or(&name).to_owned(), value)
}

/// `#` begins a comment outside of quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in line.char_indices() {
        match c {
            '\'' | '"' if !escaped => match quote {
                None => quote = Some(c),
                Some(open) if open == c => quote = None,
                Some(_) => {}
            },
            '#' if quote.is_none() => return &line[..at],
            _ => {}
        }
        escaped = quote.is_some() && c == '\\' && !escaped;
    }
    line
}

fn unquoted(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).unwrap_or(value)
}

/// A backslash before any other letter is one.
fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('s') => out.push(' '),
            Some(c @ ('"' | '\'' | '\\')) => out.push(c),
            Some(c) => out.extend(['\\', c]),
            None => out.push('\\'),
        }
    }
    out
}

/// What was found, by name.
struct Options(BTreeMap<String, Found>);

impl Options {
    fn connection(self) -> Result<OptionFile> {
        let text = |name: &str| self.text(name);
        Ok(OptionFile {
            user: text("user")?,
            password: match self.0.get("password") {
                Some(found) => {
                    let value = found.value.clone().ok_or_else(|| found.wrong("password", "has no value"))?;
                    Some(Secret::new(value))
                }
                None => None,
            },
            database: text("database")?,
            endpoint: self.endpoint()?,
            tls: self.tls()?,
        })
    }

    fn text(&self, name: &str) -> Result<Option<String>> {
        let Some(found) = self.0.get(name) else { return Ok(None) };
        let value = found.value.clone().filter(|value| !value.is_empty());
        value.map(Some).ok_or_else(|| found.wrong(name, "has no value"))
    }

    /// For the clients, `localhost` means the socket.
    fn endpoint(&self) -> Result<Option<Endpoint>> {
        let (host, socket, port) = (self.text("host")?, self.text("socket")?, self.text("port")?);
        let port = match &port {
            Some(port) => Some(port.parse().map_err(|_| self.0["port"].wrong("port", "is no port number"))?),
            None => None,
        };
        let is_tcp = self.text("protocol")?.is_some_and(|protocol| protocol.eq_ignore_ascii_case("tcp"));
        let is_local = host.as_ref().is_none_or(|host| host == "localhost");
        Ok(match (socket, host, port) {
            (Some(socket), ..) if is_local && !is_tcp => Some(Endpoint::Socket(PathBuf::from(socket))),
            (_, None, None) => None,
            (_, host, port) => {
                Some(Endpoint::Tcp(host.unwrap_or_else(|| "localhost".to_owned()), port.unwrap_or(3306)))
            }
        })
    }

    fn tls(&self) -> Result<Tls> {
        let path = |name: &str| self.text(name).map(|value| value.map(PathBuf::from));
        let identity = match (path("ssl-cert")?, path("ssl-key")?) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => return Err(self.0["ssl-cert"].wrong("ssl-cert", "needs `ssl-key` beside it")),
            (None, Some(_)) => return Err(self.0["ssl-key"].wrong("ssl-key", "needs `ssl-cert` beside it")),
        };
        Ok(Tls { mode: self.tls_mode()?, ca: path("ssl-ca")?, identity })
    }

    /// MySQL's `ssl-mode`, or MariaDB's switches.
    fn tls_mode(&self) -> Result<TlsMode> {
        if let Some(word) = self.text("ssl-mode")? {
            return TlsMode::parse(&word).ok_or_else(|| self.0["ssl-mode"].wrong("ssl-mode", "is no mode"));
        }
        Ok(match (self.switch("ssl"), self.switch("ssl-verify-server-cert")) {
            (Some(false), _) => TlsMode::Disabled,
            (_, Some(true)) => TlsMode::VerifyIdentity,
            (Some(true), _) => TlsMode::Required,
            (None, _) => TlsMode::default(),
        })
    }

    /// `name`, `name=1`, `skip-name` and `disable-name`.
    fn switch(&self, name: &str) -> Option<bool> {
        if self.0.contains_key(&format!("skip-{name}")) || self.0.contains_key(&format!("disable-{name}")) {
            return Some(false);
        }
        let value = self.0.get(name)?.value.as_deref().unwrap_or("1");
        Some(!["0", "off", "false"].iter().any(|off| value.eq_ignore_ascii_case(off)))
    }
}

impl Found {
    fn wrong(&self, name: &str, what: &str) -> Error {
        wrong(format!("{}:{}: `{name}` {what}", self.path.display(), self.line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_the_clients_read_it() {
        for (line, name, value) in [
            ("user=app", "user", "app"),
            ("ssl_ca = /etc/ca.pem # the CA", "ssl-ca", "/etc/ca.pem"),
            ("password=\"a#b;c\"", "password", "a#b;c"),
            ("password='it\\'s # 1'", "password", "it's # 1"),
            ("password=a\\sb\\\\c\\d", "password", "a b\\c\\d"),
            ("password='open", "password", "'open"),
            ("loose-user = x=y", "user", "x=y"),
        ] {
            assert_eq!(option(line), (name.to_owned(), Some(value.to_owned())), "{line}");
        }
        assert_eq!(option("skip-ssl"), ("skip-ssl".to_owned(), None));
    }
}
