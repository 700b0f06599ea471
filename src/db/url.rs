//! A database URL, taken apart.

use crate::db::connect::ClusterUse;
use crate::db::connect::LocalFiles;
use crate::db::connect::{Access, Endpoint, Learnt, Secret, Tls, TlsMode};
use crate::error::{Error, Kind, Result};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// `mysql://user:password@host:port/database?socket=…&ssl-mode=…&ssl-ca=…`; each part percent-encoded where needed.
/// No message repeats the URL, since it may hold a password.
/// What it does not name (user, password) is left empty.
pub fn parse(text: &str) -> Result<Access> {
    const FORM: &str =
        "its form is mysql://user:password@host:3306/database (or mariadb://…), special characters percent-encoded";
    let unusable = |why: &str| {
        let what = format!("the database URL cannot be used: {why}");
        Error::new(Kind::Settings, what).truth("nothing has been changed").hint(FORM)
    };
    // `Url` reads it without these.
    let text = text.replace(['\t', '\r', '\n'], "");
    let url = Url::parse(&text).map_err(|error| unusable(&error.to_string()))?;
    if !matches!(url.scheme(), "mysql" | "mariadb") {
        return Err(unusable(&format!("the scheme is `{}`", url.scheme())));
    }
    let decode = |part: &str| percent_decode(part).ok_or_else(|| unusable("a part of it is not percent-encoded UTF-8"));
    let path = url.path().trim_matches('/');
    if path.is_empty() {
        return Err(unusable("it names no database"));
    }
    // A password with one of these in it, as it is, would end up in the name of the host, of the database, or of a parameter.
    // Of the text as it was written: `/../` takes a part away.
    let Some((_, text)) = text.split_once("://") else { return Err(unusable("there is no `://` behind the scheme")) };
    let behind_host = text.split_once(['/', '?', '#']).map_or("", |(_, behind)| behind);
    if path.contains('/') || url.fragment().is_some() || behind_host.contains('@') {
        return Err(unusable("there is a `/`, `?`, `#` or `@` where none belongs"));
    }
    let database = decode(path)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let mut endpoint =
        Endpoint::Tcp(if host.is_empty() { "localhost".to_owned() } else { decode(host)? }, url.port().unwrap_or(3306));
    let mut tls = Tls::default();
    let (mut cert, mut key) = (None, None);
    for (name, value) in url.query_pairs() {
        let value = value.into_owned();
        match &*name {
            "socket" => endpoint = Endpoint::Socket(PathBuf::from(value)),
            "ssl-mode" => {
                tls.mode = TlsMode::parse(&value).ok_or_else(|| unusable(&format!("`{value}` is no ssl-mode")))?
            }
            "ssl-ca" => tls.ca = Some(PathBuf::from(value)),
            "ssl-cert" => cert = Some(PathBuf::from(value)),
            "ssl-key" => key = Some(PathBuf::from(value)),
            other => {
                return Err(unusable(&format!(
                    "`{other}` is no parameter of it (socket, ssl-mode, ssl-ca, ssl-cert, ssl-key are)"
                )));
            }
        }
    }
    tls.identity = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        _ => return Err(unusable("ssl-cert and ssl-key belong together")),
    };
    let user = decode(url.username())?;
    let password = match url.password() {
        Some(password) => Secret::new(decode(password)?),
        None => Secret::default(),
    };
    let (connect_timeout, program) = (Duration::from_secs(10), "uturn".to_owned());
    let (local_files, cluster) = (LocalFiles::Refused, ClusterUse::Refused);
    Ok(Access {
        endpoint,
        user,
        password,
        database,
        tls,
        connect_timeout,
        program,
        local_files,
        cluster,
        learnt: Learnt::default(),
    })
}

fn percent_decode(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart() {
        let access = parse("mysql://ad%40min:p%3Aw@db.example:3307/film%2Dfest?ssl-mode=VERIFY_CA&ssl-ca=/ca.pem")
            .expect("good");
        assert_eq!(access.endpoint, Endpoint::Tcp("db.example".into(), 3307));
        assert_eq!((access.user.as_str(), access.database.as_str()), ("ad@min", "film-fest"));
        assert_eq!(access.tls, Tls { mode: TlsMode::VerifyCa, ca: Some("/ca.pem".into()), identity: None });
        assert_eq!(access.password, Secret::new("p:w"));
        let access = parse("mariadb://root@localhost/x?socket=/run/a.sock").expect("good");
        assert_eq!(access.endpoint, Endpoint::Socket("/run/a.sock".into()));
        let access = parse("mysql://u@[::1]:9/x").expect("good");
        assert_eq!(access.endpoint, Endpoint::Tcp("::1".into(), 9));
    }

    #[test]
    fn no_message_and_no_debug_print_shows_a_password() {
        for url in [
            "mysql://u:hunter2@h/d?sslmode=x",
            "postgres://u:hunter2@h/d",
            "mysql://u:hunter2@h:nonsense/d",
            "mysql://u:hunter2@h/",
            // Here the password holds a `/`, and in the last ones a `?`.
            "mysql://u:1/hunter2@h/d",
            "mysql://u:1/hunter2@h",
            "mysql://u:1/d?hunter2@h/d",
            "mysql://u:1/d?ssl-mode=hunter2@h/d",
            "mysql://u:1@hunter2/@/../d",
            "mysql:u:hunter2@h/d",
            "mysql:/u:hunter2@h",
            "mysql:\t//u:1@hunter2/@/../d?x=://",
        ] {
            let error = parse(url).expect_err("bad");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
        assert!(!format!("{:?}", parse("mysql://u:hunter2@h/d")).contains("hunter2"));
    }
}
