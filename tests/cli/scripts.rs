//! The scripts that a deployment and a developer type, run as they are, on real servers.

use crate::support::app::{Folder, Run, run};
use crate::support::nobody::Nobody;
use crate::support::server::{Db, on_each};
use std::path::Path;
use std::process::Command;

const A: &str = "20260101000000-a";
const B: &str = "20260102000000-b";

fn folder() -> Folder {
    Folder::with(&[
        (A, "CREATE TABLE a (id INT, n INT AS (id + 1) STORED, t VARCHAR(9));\n", "DROP TABLE a;\n"),
        (B, "CREATE TRIGGER b BEFORE INSERT ON a FOR EACH ROW SET NEW.t = 'é;`\"';\n", "DROP TRIGGER b;\n"),
    ])
}

/// A script of `scripts/`, in this folder and with these migrations, on a database.
fn script(db: &Db, name: &str, folder: &Folder) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name));
    command
        .current_dir(folder.path())
        .env_clear()
        .envs(["PATH", "HOME", "XDG_CACHE_HOME"].iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .env("UTURN_BIN", env!("CARGO_BIN_EXE_uturn"))
        .env("UTURN_DIR", folder.path())
        .env("DATABASE_URL", db.url());
    command
}

fn backups(folder: &Folder) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder.at("backups")) else { return Vec::new() };
    entries.map(|entry| entry.expect("it can be read").path().display().to_string()).collect()
}

fn restore(db: &Db, backup: &str) -> Run {
    let text = Command::new("gunzip").args(["-c", backup]).output().expect("gunzip starts");
    assert!(text.status.success(), "{text:?}");
    db.client(&String::from_utf8(text.stdout).expect("a dump is UTF-8"))
}

on_each!(a_deployment_waits_shows_backs_up_runs_and_checks, |db| {
    let folder = folder();
    folder.uturn(db, "up --steps 1").exits(0);
    db.exec("INSERT INTO a (id, t) VALUES (1, 'é'), (2, NULL)");
    let before = db.state();
    let deploy = run(&mut script(db, "deploy", &folder)).exits(0);
    let deploy = deploy.says("CREATE TRIGGER b").says("applied  20260102000000-b").says("==> make a backup");
    assert!(deploy.err.ends_with("deployed\n"), "{deploy:?}");
    assert_eq!(db.history().len(), 2);

    let backup = backups(&folder);
    assert_eq!(backup.len(), 1, "{backup:?}");
    let old = db.server.database();
    restore(&old, &backup[0]).exits(0);
    assert_eq!(old.state(), before);

    run(&mut script(db, "deploy", &folder)).exits(0).says("nothing was pending");
    assert_eq!(backups(&folder).len(), 1, "nothing was pending, so there is nothing to save");
});

on_each!(a_deployment_passes_the_exit_code_on_and_runs_nothing_more, |db| {
    let folder = folder();
    let nobody = Nobody::new();
    let nowhere = format!("mysql://u:p@{}/{}", nobody.address(), db.name);
    let mut unreachable = script(db, "deploy", &folder);
    run(unreachable.env("DATABASE_URL", nowhere).args(["--timeout", "1s"])).exits(4).says("stopped at: wait");
    folder.uturn(db, "up --steps 1").exits(0);
    folder.file(&format!("{A}.up.sql"), "CREATE TABLE a (id BIGINT);\n");
    run(&mut script(db, "deploy", &folder)).exits(3).says("changed since applied").never_says("applied  ");
    run(script(db, "deploy", &folder).arg("--nonsense")).exits(2);
    assert_eq!(backups(&folder), Vec::<String>::new());
});

on_each!(a_backup_that_cannot_be_made_stops_the_deployment, |db| {
    let folder = folder();
    run(script(db, "deploy", &folder).env("UTURN_DUMP", "false")).exits(2).says("stopped at: make a backup");
    assert!(db.tables().is_empty());
    assert_eq!(backups(&folder), Vec::<String>::new(), "half a backup is none");
    run(script(db, "deploy", &folder).arg("--no-backup")).exits(0);
    assert_eq!(db.history().len(), 2);
});

on_each!(a_local_reset_goes_all_the_way_back_and_up_again, |db| {
    let folder = folder();
    folder.uturn(db, "up").exits(0);
    db.exec("INSERT INTO a (id) VALUES (1)");
    run(&mut script(db, "reset", &folder)).exits(3).says("1 row").says("--yes");
    assert_eq!(db.rows("SELECT COUNT(*) FROM a"), ["1"]);
    run(script(db, "reset", &folder).arg("--yes")).exits(0);
    assert_eq!(db.rows("SELECT COUNT(*) FROM a"), ["0"]);
    assert_eq!(db.history().len(), 2);
});

// Between the moment in which a port is found free and the one in which the server listens, another process may be quicker.
on_each!(a_test_server_takes_another_port_where_one_is_taken, |db| {
    let kind = db.server.kind;
    let folder = Folder::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("it is bound").port();
    // What looks for a free port finds this one first.
    let (mark, real) = (folder.at("mark"), "PATH=${PATH#*:} perl \"$@\"");
    let perl = format!("#!/bin/sh\n[ -e {0} ] && {real} && exit\n: >{0}\necho {port}\n", mark.display());
    folder.file("perl", perl);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.at("perl"), mode).expect("it is ours");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    let server = |verb: &str| {
        let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/server"));
        command.args([verb, kind]).env("UTURN_SERVER_DIR", folder.at("servers")).env("PATH", &path);
        run(&mut command)
    };
    let (started, url) = (server("start"), server("url"));
    server("stop").exits(0);
    started.exits(0);
    assert!(mark.exists() && url.out.contains("@127.0.0.1:") && !url.out.contains(&port.to_string()), "{url:?}");
});
