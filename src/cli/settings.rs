//! Flags + environment + `.env` + option file -> what the verbs need. A flag beats the environment, the environment beats
//! `.env`, and a `--defaults-file` fills in what none of them says.

use crate::cli::args::{Common, SslMode};
use crate::cli::option_file::{self, OptionFile};
use crate::db::connect::ClusterUse;
use crate::db::connect::LocalFiles;
use crate::db::connect::{Access, Endpoint, Learnt, Secret, Tls, TlsMode};
use crate::db::url;
use crate::error::{Error, Kind, Result};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Which database, and how to get there. Files that LOAD DATA LOCAL names start in the folder of the migrations.
pub fn access(common: &Common, folder: Option<&Path>, program: &str) -> Result<Access> {
    let file = match &common.defaults_file {
        Some(path) => option_file::read(path)?,
        None => OptionFile::default(),
    };
    let mut access = match &common.database_url {
        Some(url) => {
            let access = url::parse(url)?;
            if access.password.is_set() {
                return Err(wrong("a password on a command line can be seen by every user of this machine")
                    .hint("give the same URL in the variable DATABASE_URL, or without its password beside DB_PASSWORD or DB_PASSWORD_FILE"));
            }
            complete(access, file)?
        }
        None => match variable("DATABASE_URL") {
            Some(url) => complete(url::parse(&url)?, file)?,
            None => from_parts(file)?,
        },
    };
    access.connect_timeout = common.connect_timeout;
    access.program = program.to_owned();
    if common.allow_local_infile {
        access.local_files = LocalFiles::Named(folder.map(Path::to_owned));
    }
    if common.allow_cluster {
        access.cluster = ClusterUse::Allowed;
    }
    if let Some(mode) = common.ssl_mode {
        access.tls.mode = tls_mode(mode);
    }
    if let Some(ca) = &common.ssl_ca {
        access.tls.ca = Some(ca.clone());
    }
    if let (Some(cert), Some(key)) = (&common.ssl_cert, &common.ssl_key) {
        access.tls.identity = Some((cert.clone(), key.clone()));
    }
    for path in access.tls.ca.iter().chain(access.tls.identity.iter().flat_map(|(cert, key)| [cert, key])) {
        let bytes =
            std::fs::read(path).map_err(|error| wrong(&format!("cannot read `{}`: {error}", path.display())))?;
        if memchr::memmem::find(&bytes, b"-----BEGIN ").is_none() {
            return Err(wrong(&format!("`{}` is no PEM file", path.display())));
        }
    }
    Ok(access)
}

/// Whether any setting names a server.
pub fn is_configured(common: &Common) -> bool {
    common.database_url.is_some()
        || common.defaults_file.is_some()
        || ["DATABASE_URL", "DB_HOST", "DB_SOCKET"].into_iter().any(|name| variable(name).is_some())
}

/// Settings that name no server, for what starts one itself.
pub fn nowhere(common: &Common, program: &str) -> Access {
    Access {
        endpoint: Endpoint::Socket(PathBuf::new()),
        user: String::new(),
        password: Secret::default(),
        database: String::new(),
        tls: Tls::default(),
        connect_timeout: common.connect_timeout,
        program: program.to_owned(),
        local_files: LocalFiles::Refused,
        cluster: ClusterUse::Refused,
        learnt: Learnt::default(),
    }
}

/// What UTURN_ENV says, where that is production: so is every word that is not known as something else.
pub fn production() -> Option<String> {
    const OTHERS: [&str; 7] = ["development", "dev", "local", "test", "testing", "ci", "staging"];
    let value = std::env::var_os("UTURN_ENV")?.to_string_lossy().trim().to_owned();
    let is_other = value.is_empty() || OTHERS.iter().any(|word| value.eq_ignore_ascii_case(word));
    (!is_other).then_some(value)
}

fn tls_mode(mode: SslMode) -> TlsMode {
    match mode {
        SslMode::Disabled => TlsMode::Disabled,
        SslMode::Preferred => TlsMode::Preferred,
        SslMode::Required => TlsMode::Required,
        SslMode::VerifyCa => TlsMode::VerifyCa,
        SslMode::VerifyIdentity => TlsMode::VerifyIdentity,
    }
}

fn wrong(what: &str) -> Error {
    Error::new(Kind::Settings, what).truth("nothing has been changed")
}

/// A variable that is set and not empty: an empty line in `.env` is no setting.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// What a URL leaves out comes from the other variables, and then from the option file.
fn complete(mut access: Access, file: OptionFile) -> Result<Access> {
    if access.user.is_empty() {
        access.user = variable("DB_USER").or(file.user).unwrap_or_else(|| "root".to_owned());
    }
    if !access.password.is_set() {
        access.password = password()?.or(file.password).unwrap_or_default();
    }
    if access.tls == Tls::default() {
        access.tls = file.tls;
    }
    Ok(access)
}

fn password() -> Result<Option<Secret>> {
    if let Some(password) = variable("DB_PASSWORD") {
        return Ok(Some(Secret::new(password)));
    }
    let Some(path) = variable("DB_PASSWORD_FILE") else { return Ok(None) };
    let text = std::fs::read_to_string(&path)
        .map_err(|error| wrong(&format!("cannot read DB_PASSWORD_FILE `{path}`: {error}")))?;
    Ok(Some(Secret::new(text.strip_suffix('\n').map_or(text.as_str(), |t| t.strip_suffix('\r').unwrap_or(t)))))
}

fn from_parts(file: OptionFile) -> Result<Access> {
    let endpoint = match (variable("DB_SOCKET"), variable("DB_HOST"), file.endpoint) {
        (Some(socket), ..) => Endpoint::Socket(PathBuf::from(socket)),
        (None, Some(host), _) => {
            let port = variable("DB_PORT").unwrap_or_else(|| "3306".to_owned());
            let port = port.parse().map_err(|_| wrong(&format!("DB_PORT `{port}` is no port number")))?;
            Endpoint::Tcp(host, port)
        }
        (None, None, Some(endpoint)) => endpoint,
        (None, None, None) => {
            return Err(wrong("no database is configured").hint(
                "set DATABASE_URL=mysql://user:password@host:3306/database, or DB_HOST, DB_USER, DB_PASSWORD and DB_NAME, \
                 in the environment or in `.env`; `--defaults-file` reads an option file of the mysql client",
            ));
        }
    };
    let database = variable("DB_NAME")
        .or(file.database)
        .ok_or_else(|| wrong("DB_NAME is not set").hint("it names the database to migrate"))?;
    let user =
        variable("DB_USER").or(file.user).ok_or_else(|| wrong("DB_USER is not set").hint("it names the account"))?;
    Ok(Access {
        endpoint,
        user,
        password: password()?.or(file.password).unwrap_or_default(),
        database,
        tls: file.tls,
        connect_timeout: Duration::ZERO,
        program: String::new(),
        local_files: LocalFiles::Refused,
        cluster: ClusterUse::Refused,
        learnt: Learnt::default(),
    })
}
