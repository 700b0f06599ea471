//! Opens sessions. The only place that sees a password.

use crate::db::error_code;
use crate::db::failpoint;
use crate::db::own_settings;
use crate::db::{packet, quote};
use crate::error::{Error, Kind, Result};
use mysql::{ClientIdentity, Conn, OptsBuilder, SslOpts};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A password. It has no way out but into a handshake: its Debug shows nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Option<String>);

impl Secret {
    /// Takes a password.
    pub fn new(password: impl Into<String>) -> Secret {
        Secret(Some(password.into()))
    }

    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "(hidden)" } else { "(none)" })
    }
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Host and port.
    Tcp(String, u16),
    /// A unix socket.
    Socket(PathBuf),
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Endpoint::Tcp(host, port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Endpoint::Tcp(host, port) => write!(f, "{host}:{port}"),
            Endpoint::Socket(path) => write!(f, "{}", path.display()),
        }
    }
}

/// How far a TCP connection is protected; the words are those of the mysql client's `--ssl-mode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TlsMode {
    /// Never.
    Disabled,
    /// If the server can, unverified; over a loopback address only where the server wants it: tunnels and the proxies of clouds end
    /// there, and a server on this machine has no need of it.
    #[default]
    Preferred,
    /// Or no connection; unverified.
    Required,
    /// The certificate must come from the CA.
    VerifyCa,
    /// The certificate must come from the CA and name the host.
    VerifyIdentity,
}

impl TlsMode {
    /// The words of the mysql client.
    pub fn parse(word: &str) -> Option<TlsMode> {
        Some(match word.to_ascii_lowercase().replace('-', "_").as_str() {
            "disabled" => TlsMode::Disabled,
            "preferred" => TlsMode::Preferred,
            "required" => TlsMode::Required,
            "verify_ca" => TlsMode::VerifyCa,
            "verify_identity" => TlsMode::VerifyIdentity,
            _ => return None,
        })
    }
}

/// TLS settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// How far.
    pub mode: TlsMode,
    /// PEM file with the CA; without it the web's usual CAs are trusted.
    pub ca: Option<PathBuf>,
    /// PEM files with this client's certificate and key.
    pub identity: Option<(PathBuf, PathBuf)>,
}

impl Tls {
    /// Who names a CA wants it used.
    fn mode(&self) -> TlsMode {
        match (self.mode, &self.ca) {
            (TlsMode::Preferred, Some(_)) => TlsMode::VerifyCa,
            (mode, _) => mode,
        }
    }
}

/// Whether uturn may write to one node of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterUse {
    /// No.
    #[default]
    Refused,
    /// `--allow-cluster`: a person states that no other runner is at work.
    Allowed,
}

/// Which files of this machine a migration may have sent to the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LocalFiles {
    /// None.
    #[default]
    Refused,
    /// Those that its statements name; a path that is not absolute starts in this folder, if there is one.
    Named(Option<PathBuf>),
}

/// Everything that a connection needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Where.
    pub endpoint: Endpoint,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: Secret,
    /// The database to migrate.
    pub database: String,
    /// TLS.
    pub tls: Tls,
    /// How long a server may take to accept a connection.
    pub connect_timeout: Duration,
    /// The name under which the server lists our connections: `uturn up`.
    pub program: String,
    /// Which files of this machine a migration may have sent to the server.
    pub local_files: LocalFiles,
    /// Whether it may be one node of a cluster.
    pub cluster: ClusterUse,
    /// What this run has learnt of the server.
    pub learnt: Learnt,
}

/// Whether the server has refused what came in clear, and taken what came over TLS: then all connections of the run use TLS. Shared
/// by all copies of the settings, and no part of what makes two of them equal.
#[derive(Clone, Debug, Default)]
pub struct Learnt(Arc<AtomicBool>);

impl Learnt {
    fn wants_tls(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    fn remember(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl PartialEq for Learnt {
    fn eq(&self, _: &Learnt) -> bool {
        true
    }
}

impl Eq for Learnt {}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` on {}", self.database, self.endpoint)
    }
}

impl Access {
    /// A session in the database, under uturn's own settings.
    pub fn open(&self) -> Result<Conn> {
        let explain = |error: mysql::Error| self.explain(&error);
        let mut conn = self.dial(self.opts(Some(&self.database))).map_err(explain)?;
        own_settings::apply(&mut conn, Some(&self.database)).map_err(explain)?;
        Ok(conn)
    }

    /// The same, for questions that are answered soon. KILL QUERY between two of one packet makes the server forget the rest
    /// without a word: here the wait for it ends as a lost connection, and `db::watch` ends it elsewhere.
    pub fn open_to_read(&self) -> Result<Conn> {
        let mut conn = self.open_for_history()?;
        own_settings::apply(&mut conn, Some(&self.database)).map_err(|error| self.explain(&error))?;
        Ok(conn)
    }

    /// The same, for `history::read` alone, which makes the session uturn's own in the packet of its first question.
    pub fn open_for_history(&self) -> Result<Conn> {
        let opts = self.opts(Some(&self.database)).read_timeout(Some(failpoint::idle()));
        self.dial(opts).map_err(|error| self.explain(&error))
    }

    /// A session in the database as every script finds one. The server runs `init_connect` for a new session, but not for one
    /// that is made as new (COM_RESET_CONNECTION), as each further script's is. So no script sees what it sets. What is kept
    /// is the default database.
    pub fn open_for_scripts(&self) -> Result<Conn> {
        let explain = |error: mysql::Error| self.explain(&error);
        let mut conn = self.dial(self.opts(Some(&self.database))).map_err(explain)?;
        conn.reset().map_err(explain)?;
        let first = format!("{}; USE {}", own_settings::for_scripts(), quote::ident(&self.database));
        packet::tell(&mut conn, &first).map_err(explain)?;
        Ok(conn)
    }

    /// A session in no database, under uturn's own settings.
    pub fn open_server(&self) -> Result<Conn> {
        let explain = |error: mysql::Error| self.explain(&error);
        let mut conn = self.dial(self.opts(None)).map_err(explain)?;
        own_settings::apply(&mut conn, None).map_err(explain)?;
        Ok(conn)
    }

    fn dial(&self, opts: OptsBuilder) -> mysql::Result<Conn> {
        let Endpoint::Tcp(host, _) = &self.endpoint else { return self.greet(opts) };
        match self.tls.mode() {
            TlsMode::Disabled => self.greet(opts),
            TlsMode::Preferred if is_loopback(host) && !self.learnt.wants_tls() => self.in_clear_first(opts),
            TlsMode::Preferred => match self.greet(opts.clone().ssl_opts(self.ssl())) {
                Err(mysql::Error::DriverError(mysql::DriverError::TlsNotSupported)) => self.greet(opts),
                answer => answer,
            },
            TlsMode::Required | TlsMode::VerifyCa | TlsMode::VerifyIdentity => self.greet(opts.ssl_opts(self.ssl())),
        }
    }

    /// Over a loopback address. A server that wants TLS says so by its number (require_secure_transport), or as it says of a wrong
    /// password (REQUIRE SSL): then TLS is tried, once.
    fn in_clear_first(&self, opts: OptsBuilder) -> mysql::Result<Conn> {
        let refused = match self.greet(opts.clone()) {
            Err(error) if error_code::may_want_tls(&error) => error,
            answer => return answer,
        };
        match self.greet(opts.ssl_opts(self.ssl())) {
            // It has no TLS, or no other answer: the first one says more.
            Err(error) if !error_code::is_answer(&error) => Err(refused),
            answer => {
                if answer.is_ok() {
                    self.learnt.remember();
                }
                answer
            }
        }
    }

    /// The driver waits without end for a name server, and for a listener that never says a word: a proxy whose server
    /// is gone. So it does it on a thread of its own, which is left behind then.
    fn greet(&self, opts: OptsBuilder) -> mysql::Result<Conn> {
        let (answer, answered) = std::sync::mpsc::channel();
        std::thread::spawn(move || answer.send(Conn::new(opts)));
        answered.recv_timeout(self.connect_timeout).unwrap_or_else(|_| Err(mysql::DriverError::ConnectTimeout.into()))
    }

    fn opts(&self, database: Option<&str>) -> OptsBuilder {
        let opts = OptsBuilder::new()
            .user(Some(self.user.clone()))
            .pass(self.password.0.clone())
            .db_name(database)
            // The crate's default turns a TCP connection to this machine into one over a socket of its own choice.
            .prefer_socket(false)
            .stmt_cache_size(0)
            // Without it each connect asks the server, one round trip. The server's limit is checked in preflight.
            .max_allowed_packet(Some(1 << 30))
            .tcp_connect_timeout(Some(self.connect_timeout))
            .tcp_keepalive_time_ms(Some(30_000))
            .connect_attrs(Some(std::collections::HashMap::from([("program_name", self.program.as_str())])));
        match &self.endpoint {
            Endpoint::Tcp(host, port) => opts.ip_or_hostname(Some(host.clone())).tcp_port(*port),
            Endpoint::Socket(path) => opts.socket(Some(path.to_string_lossy().into_owned())),
        }
    }

    fn ssl(&self) -> SslOpts {
        let identity = self.tls.identity.as_ref().map(|(cert, key)| ClientIdentity::new(cert.clone(), key.clone()));
        let unverified = matches!(self.tls.mode(), TlsMode::Preferred | TlsMode::Required);
        SslOpts::default()
            .with_client_identity(identity)
            .with_root_cert_path(self.tls.ca.clone())
            // A CA file alone fails on MySQL's own certificate, which names no host.
            .with_danger_skip_domain_validation(unverified || self.tls.mode() == TlsMode::VerifyCa)
            .with_danger_accept_invalid_certs(unverified)
    }

    /// Words for a failed connect.
    pub fn explain(&self, error: &mysql::Error) -> Error {
        let nothing = "nothing has been changed";
        if let Some(refusal) = self.refusal(error) {
            return refusal;
        }
        if error_code::is_no_database(error) {
            let what = format!("there is no database `{}` on {}", self.database, self.endpoint);
            return with_said(Error::new(Kind::Settings, what), error)
                .truth(nothing)
                .hint("run `uturn create`, or check DB_NAME (or DATABASE_URL)");
        }
        if error_code::is_right_missing(error) {
            let what = format!("the account `{}` may not use the database `{}`", self.user, self.database);
            return with_said(Error::new(Kind::Rights, what), error).truth(nothing).hint(format!(
                "ask for it: GRANT ALL ON {}.* TO '{}'@'…'",
                crate::db::quote::ident(&self.database),
                self.user
            ));
        }
        if let mysql::Error::DriverError(mysql::DriverError::UnknownAuthPlugin(plugin)) = error {
            let what = format!("the account `{}` logs in by `{plugin}`, which uturn does not speak", self.user);
            // MySQL hides which accounts exist: to an unknown one it answers with a plugin picked by the name's digest.
            return Error::new(Kind::Settings, what).truth(nothing).hint(
                "check DB_USER (MySQL answers so for an account that does not exist, too), or use one with \
                 caching_sha2_password (MySQL), ed25519, parsec or mysql_native_password (MariaDB)",
            );
        }
        let cause = match error {
            mysql::Error::MySqlError(e) => e.message.clone(),
            mysql::Error::IoError(e) => e.to_string(),
            mysql::Error::DriverError(e) => e.to_string(),
            mysql::Error::TlsError(e) => format!("TLS: {e}"),
            other => other.to_string(),
        };
        with_said(
            Error::new(Kind::Unreachable, format!("cannot reach the server at {}: {cause}", self.endpoint)),
            error,
        )
        .truth(nothing)
        .hint("check that it runs (`uturn wait` waits for it) and DB_HOST, DB_PORT or DB_SOCKET (or DATABASE_URL)")
    }
}

/// How many connections commands have at once, with one that the server has not closed yet.
const NEEDED: &str = "`plan` needs 7 connections, `prove` 4, other commands 3";

/// The account's password, in the words of MySQL, which does not let it in, and of MariaDB, which lets it do nothing else.
pub fn expired(error: &mysql::Error) -> Option<Error> {
    let told = || with_said(Error::new(Kind::Settings, "the password of the account has expired"), error);
    error_code::is_password_expired(error).then(|| {
        told()
            .truth("nothing has been changed")
            .hint("give it a new one: ALTER USER … IDENTIFIED BY '…' (MariaDB: SET PASSWORD), and then in DB_PASSWORD (or DATABASE_URL)")
    })
}

impl Access {
    /// A server that answers, and says no: waiting longer changes nothing, but where connections are limited.
    fn refusal(&self, error: &mysql::Error) -> Option<Error> {
        if let Some(expired) = expired(error) {
            return Some(expired);
        }
        let (at, user) = (&self.endpoint, &self.user);
        let (kind, what, hint) = if error_code::is_login_refused(error) {
            let tls = match (&self.endpoint, self.tls.identity.is_some()) {
                (Endpoint::Socket(_), _) => "; an account with REQUIRE SSL or X509 needs DB_HOST in place of a socket",
                (Endpoint::Tcp(..), true) => "",
                (Endpoint::Tcp(..), false) => {
                    "; an account with REQUIRE SSL needs `--ssl-mode required`, one with REQUIRE X509 `--ssl-cert` and `--ssl-key` too"
                }
            };
            let hint = format!(
                "check DB_USER and DB_PASSWORD (or DATABASE_URL), and that the account may come from this host{tls}"
            );
            (Kind::Settings, format!("the server at {at} refuses the account `{user}`"), hint)
        } else if error_code::is_account_locked(error) {
            let hint = format!("an administrator can let it in: ALTER USER '{user}'@'…' ACCOUNT UNLOCK");
            (Kind::Settings, format!("the account `{user}` is locked on the server at {at}"), hint)
        } else if error_code::is_host_refused(error) {
            let hint = "an administrator can let this machine in: FLUSH HOSTS (MySQL: TRUNCATE performance_schema.host_cache) where it is \
                        blocked after errors, else an account for this host";
            (Kind::Settings, format!("the server at {at} takes no connections from this machine"), hint.to_owned())
        } else if error_code::wants_tls(error) {
            let hint = "let it use TLS: `--ssl-mode required`, over DB_HOST and not a socket".to_owned();
            (Kind::Settings, format!("the server at {at} takes connections over TLS only"), hint)
        } else {
            return self.limit(error).or_else(|| self.tls_refusal(error));
        };
        Some(with_said(Error::new(kind, what), error).truth("nothing has been changed").hint(hint))
    }

    /// A limit of connections, which others may leave free again.
    fn limit(&self, error: &mysql::Error) -> Option<Error> {
        let user = &self.user;
        let (what, hint) = if error_code::is_hourly_limit(error) {
            let raise = format!("raise what the server names: ALTER USER '{user}'@'…' WITH …");
            (
                format!("the account `{user}` has used up what it may do in an hour"),
                format!("wait until the hour is over, or {raise}"),
            )
        } else if error_code::is_account_full(error) {
            let raise = format!("let it have more: ALTER USER '{user}'@'…' WITH MAX_USER_CONNECTIONS 7");
            (
                format!("the account `{user}` has as many connections as it may"),
                format!("{NEEDED}; end others, or {raise}"),
            )
        } else if error_code::is_server_full(error) {
            let hint = format!("wait for it (`uturn wait`), or raise max_connections; {NEEDED}");
            (format!("the server at {} has as many connections as it may", self.endpoint), hint)
        } else {
            return None;
        };
        Some(with_said(Error::new(Kind::Unreachable, what), error).truth("nothing has been changed").hint(hint))
    }

    /// A server without TLS, or one whose certificate is not what was asked for.
    fn tls_refusal(&self, error: &mysql::Error) -> Option<Error> {
        let (what, hint) = match error {
            mysql::Error::DriverError(mysql::DriverError::TlsNotSupported) => (
                format!("the server at {} has no TLS, and `--ssl-mode` wants it", self.endpoint),
                "give the server a certificate; or, where nothing leaves this machine or its tunnel, `--ssl-mode preferred`",
            ),
            error => (
                format!("the server at {} cannot be trusted: {}", self.endpoint, bad_certificate(error)?),
                "check `--ssl-ca` and DB_HOST: the certificate must come from that CA, and with `verify_identity` name the host",
            ),
        };
        Some(Error::new(Kind::Settings, what).truth("nothing has been changed").hint(hint))
    }
}

/// What is wrong with the server's certificate, in the words of rustls. The driver hides its error inside one of reading, whose
/// type it does not give away.
fn bad_certificate(error: &mysql::Error) -> Option<String> {
    let text = error.to_string();
    let start = text.find("invalid peer certificate")?;
    Some(text[start..].trim_end_matches([' ', '}', '\'', '`']).to_owned())
}

/// Adds the server's own words, if it said any.
pub fn with_said(told: Error, error: &mysql::Error) -> Error {
    match error_code::said(error) {
        Some(said) => told.said(said),
        None => told,
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
