//! docs/runbook.md, `rights`: an account with the rights of a line, and no others, can do what the line says.

use crate::support::app::{Folder, run};
use crate::support::server::{Db, on_each};

const RULE: &str = "ALTER TABLE t ADD CONSTRAINT c CHECK (id > 0);\n";

fn folder() -> Folder {
    Folder::with(&[
        ("20260101000000-t", "CREATE TABLE t (id INT PRIMARY KEY);\nINSERT INTO t VALUES (1);\n", "DROP TABLE t;\n"),
        ("20260102000000-rule", RULE, "ALTER TABLE t DROP CONSTRAINT c;\n"),
    ])
}

/// An account of its own, which goes with the test.
struct Account<'a> {
    db: &'a Db,
    name: String,
}

impl<'a> Account<'a> {
    /// Each grant is `RIGHTS ON WHAT`; `HERE` is the database.
    fn new(db: &'a Db, number: usize, grants: &[&str]) -> Account<'a> {
        let name = format!("r{number}{}", db.name);
        db.exec(&format!("CREATE USER {name} IDENTIFIED BY 'pw'"));
        for grant in grants {
            db.exec(&format!("GRANT {} TO {name}", grant.replace("HERE", &format!("`{}`.*", db.name))));
        }
        Account { db, name }
    }

    #[track_caller]
    fn does(&self, folder: &Folder, words: &str) {
        println!("--- {words} on {}", self.db.server.kind);
        let url = self.db.server.url_as(&self.name, "pw", &self.db.name);
        run(folder.command(self.db, words).env("DATABASE_URL", url)).exits(0);
    }
}

impl Drop for Account<'_> {
    fn drop(&mut self) {
        self.db.exec(&format!("DROP USER {}", self.name));
    }
}

on_each!(the_rights_of_each_line_are_enough, |db| {
    const RUN: &str = "CREATE, ALTER, SELECT, INSERT, UPDATE, DELETE ON HERE";
    const SCRATCH: &str = "ALL ON `uturn\\_scratch\\_%`.*";
    let runner = [RUN, "DROP ON HERE"];
    let lines: [(&[&str], &[&str]); 7] = [
        (&[], &["wait --timeout 5s"]),
        // What the scripts need themselves is DROP.
        (&runner, &["up", "redo", "undo", "undo --all --yes", "up", "reset --yes"]),
        (&["SELECT ON HERE"], &["status", "log", "up --dry-run", "undo --dry-run", "undo --all --dry-run"]),
        (&["SELECT ON HERE", SCRATCH], &["plan", "plan undo"]),
        (&[SCRATCH], &["prove", "prove --rows 5"]),
        (&["CREATE, SELECT, INSERT ON HERE"], &["protect --reason tests", "unprotect"]),
        (&["CREATE, DROP, SELECT ON HERE"], &["create", "drop --yes", "create"]),
    ];
    let folder = folder();
    for (number, (grants, commands)) in lines.iter().enumerate() {
        // A name that only they can see does not let them in.
        if grants.is_empty() || grants == &[SCRATCH] {
            let account = Account::new(db, number, grants);
            let url = db.server.url_as(&account.name, "pw", "information_schema");
            for words in *commands {
                println!("--- {words} on {}", db.server.kind);
                run(folder.command(db, words).env("DATABASE_URL", &url)).exits(0);
            }
            continue;
        }
        let account = Account::new(db, number, grants);
        for words in *commands {
            account.does(&folder, words);
        }
    }
});
