//! `--defaults-file`: read as the clients of the servers read it, and never shown.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::nobody::Nobody;
use crate::support::server::{Server, on_each};
use std::process::Command;

const PASSWORD: &str = "hunter2-Zx9";

/// `uturn status` with this option file, and what else is set.
fn status(folder: &Folder, set: &[(&str, &str)]) -> Run {
    let mut command = bare();
    command.current_dir(folder.path()).envs(set.iter().copied());
    run(command.args(["status", "--dir", ".", "--defaults-file", "my.cnf"]))
}

fn one() -> Folder {
    Folder::with(&[("20260101000000-a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n")])
}

fn place(server: &Server) -> (String, String) {
    let address = server.address();
    let (host, port) = address.split_once(':').expect("host and port");
    (host.to_owned(), port.to_owned())
}

on_each!(host_port_socket_account_and_database_come_from_the_client_group, |db| {
    let folder = one();
    let (host, port) = place(&db.server);
    let account = "user = uturn\npassword = 'uturn' # as everybody knows\n";
    for file in [
        format!(
            "[mysqld]\nport=1\n[client]\n{account}host={host}\nport={port}\ndatabase={}\n[mysql]\nuser=x\n",
            db.name
        ),
        format!("; a comment\n[client]\n{account}socket={}\nport=1\ndatabase={}\n", db.server.socket, db.name),
        format!(
            "[client]\nhost=nowhere.invalid\n{account}database={}\n[client-mariadb]\nhost={host}\nport={port}",
            db.name
        ),
    ] {
        folder.file("my.cnf", &file);
        status(&folder, &[]).exits(0).says("0 applied, 1 pending");
    }
    // What is set elsewhere wins.
    let wrong = format!("[client]\nuser=nobody\npassword={PASSWORD}\nhost=nowhere.invalid\ndatabase=none\n");
    folder.file("my.cnf", wrong);
    status(&folder, &[("DATABASE_URL", &db.url())]).exits(0);
    let set = [("DB_HOST", host.as_str()), ("DB_PORT", &port), ("DB_USER", "uturn"), ("DB_PASSWORD", "uturn")];
    status(&folder, &[&set[..], &[("DB_NAME", &db.name)]].concat()).exits(0);
    // A URL without an account takes that of the file.
    folder.file("my.cnf", "[client]\nuser=uturn\npassword=uturn\n");
    let url = format!("mysql://{}/{}", db.server.address(), db.name);
    status(&folder, &[("DATABASE_URL", &url)]).exits(0);
    // Nobody asked for it.
    run(bare().current_dir(folder.path()).env("HOME", folder.path()).arg("status"))
        .exits(2)
        .says("no database is configured");
});

on_each!(groups_quotes_escapes_and_includes_are_those_of_the_client, |db| {
    let folder = one();
    std::fs::create_dir(folder.at("conf.d")).expect("a folder");
    // Two ports where nobody listens.
    let (nobody, other) = (Nobody::new(), Nobody::new());
    let (one, two) = (nobody.port, other.port);
    folder.file("conf.d/b.cnf", format!("[client]\nport={two}\nhost=from-b\n"));
    folder.file("conf.d/a.cnf", "[client]\nhost=from-a\n");
    folder.file("conf.d/ignored.txt", "[client]\nhost=from-ignored\n");
    folder.file("more.cnf", "[client]\nuser=\"more # of it\" # a comment\n");
    let path = |name: &str| folder.at(name).display().to_string();
    for (file, port) in [
        (format!("[client]\nhost=a\nport = {one}\nuser='it\\'s'\n"), one),
        (format!("[client]\nhost=a\nuser=a\\sb\\\\c\\d\n  port={one} # c\n"), one),
        (format!("[other]\nport=1\n[client]\nhost = \"x.invalid\"\nport={one}\nuser=u#v\n"), one),
        (format!("[client]\nport={one}\nuser=u\n!includedir {}\n", path("conf.d")), two),
        (format!("!include {}\n[client]\nhost=h\nport={one}\n", path("more.cnf")), one),
    ] {
        folder.file("my.cnf", &file);
        let printed = Command::new("my_print_defaults")
            .arg(format!("--defaults-file={}", path("my.cnf")))
            .arg("client")
            .output()
            .expect("my_print_defaults is there");
        let printed = String::from_utf8(printed.stdout).expect("UTF-8");
        let last = |name: &str| {
            let found = printed.lines().rev().find_map(|line| line.strip_prefix(&format!("--{name}=")));
            found.unwrap_or_else(|| panic!("`{name}` is not in {printed}")).to_owned()
        };
        assert_eq!(last("port"), port.to_string());
        // A server that refuses the account shows which one it was; one that is not there, where it was looked for.
        folder.file("my.cnf", format!("{file}\n[client]\nhost=127.0.0.1\ndatabase=x\nport={}\n", place(&db.server).1));
        status(&folder, &[("DB_PASSWORD", PASSWORD)])
            .exits(2)
            .says(&format!("`{}`", last("user")))
            .never_says(PASSWORD);
        folder.file("my.cnf", format!("{file}\n[client]\ndatabase=x\nhost=127.0.0.1\n"));
        status(&folder, &[]).exits(4).says(&format!("127.0.0.1:{port}"));
    }
});

#[test]
fn what_is_wrong_is_told_by_file_and_line_without_the_line() {
    let folder = one();
    let secret = format!("password={PASSWORD}");
    for (file, says) in [
        (format!("{secret}\n"), "my.cnf:1: an option stands before the first group"),
        (format!("[client\n{secret}\n"), "my.cnf:1: the name of a group ends with `]`"),
        (format!("[client]\n{secret}\nport={PASSWORD}\n"), "my.cnf:3: `port` is no port number"),
        ("[client]\nuser=u\npassword\n".to_owned(), "my.cnf:3: `password` has no value"),
        (format!("[client]\n{secret}\nssl-cert=a\n"), "my.cnf:3: `ssl-cert` needs `ssl-key` beside it"),
        (format!("[client]\n{secret}\nssl-mode={PASSWORD}\n"), "my.cnf:3: `ssl-mode` is no mode"),
        (format!("!{secret}\n"), "my.cnf:1: known are `!include FILE`"),
        ("!includedir nowhere\n".to_owned(), "my.cnf:1: cannot read the folder `nowhere`"),
        ("!include my.cnf\n".to_owned(), "my.cnf:1: option files include one another"),
        ("!include none.cnf\n".to_owned(), "cannot read the option file `none.cnf`"),
    ] {
        folder.file("my.cnf", &file);
        status(&folder, &[]).exits(2).says(says).says("nothing has been changed").never_says(PASSWORD);
    }
    folder.file("my.cnf", format!("[client]\n{secret}\n"));
    let mut open = std::fs::metadata(folder.at("my.cnf")).expect("it is there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut open, 0o666);
    std::fs::set_permissions(folder.at("my.cnf"), open).expect("it is ours");
    status(&folder, &[]).exits(2).says("everybody may write the option file").says("chmod o-w");
    run(bare().current_dir(folder.path()).args(["status", "--dir", ".", "--defaults-file", "gone.cnf"]))
        .exits(2)
        .says("cannot read the option file `gone.cnf`");
}
