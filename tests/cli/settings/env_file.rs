//! `.env`: which of its lines stop uturn when they cannot be read, and that no message shows what they hold.

use crate::support::app::{Folder, Run, bare, run};
use crate::support::server::on_each;

fn status(folder: &Folder, env: &str) -> Run {
    folder.file(".env", env);
    run(bare().current_dir(folder.path()).arg("status")).never_says("hunter2")
}

#[test]
fn a_line_of_uturns_own_that_cannot_be_read_is_refused_by_its_number() {
    let folder = Folder::new();
    for line in [
        "DB_PASSWORD=hunter2 and more",
        "  DB_PASSWORD = hunter2 and more",
        "export DB_PASSWORD=hunter2 and more",
        "export  UTURN_ENV production hunter2",
        "UTURN_ENV",
        "DATABASE_URL: mysql://u:hunter2@h/d",
        "DB-PASSWORD=hunter2\nDB_PASSWORD=hunter2\\x",
    ] {
        println!("--- {line}");
        let number = 2 + line.matches('\n').count();
        let says = format!("`.env` has a line that cannot be read: line {number}");
        status(&folder, &format!("A=1\n{line}\nB=2\n")).exits(2).says(&says).says("nothing has been changed");
    }
    folder.file(".env", b"A=1\nDB_PASSWORD=hunter2\xFF\n");
    run(bare().current_dir(folder.path()).arg("status")).exits(2).says("cannot be read: line 2").never_says("hunter2");
}

#[test]
fn a_quote_that_is_never_closed_is_refused_whatever_it_sets() {
    let folder = Folder::new();
    for lines in [
        "GREETING=it's hunter2\nUTURN_ENV=production\n",
        // It is closed, on a line that a guard depends on.
        "GREETING=it's\nUTURN_ENV=production\nOTHER=it's\n",
        "GREETING='hunter2\n\nDB_PASSWORD='hunter2'\n",
        "GREETING=\"hunter2",
        "DB_PASSWORD='hunter2\\'\n",
    ] {
        println!("--- {lines}");
        let says = "`.env` has a quote that is never closed: line 3";
        status(&folder, &format!("\n# it's a comment\n{lines}")).exits(2).says(says);
    }
}

on_each!(a_line_of_another_program_that_cannot_be_read_is_skipped_with_a_note, |db| {
    let folder = Folder::new();
    folder.pair("20260101000000-a", "CREATE TABLE a (id INT);\n", "DROP TABLE a;\n");
    let url = db.url();
    let mut env = b"\xEF\xBB\xBFAPP_NAME=my hunter2 app\r\nexport X\n1A=hunter2\nC=caf\xE9 hunter2\n".to_vec();
    env.extend_from_slice(b"KEY=\"two\nlines\"\nOPEN=1  # it's fine\n");
    env.extend_from_slice(format!("NAME=value\nURL='{url}'\nDATABASE_URL=${{URL}}\nUTURN_DIR=. ").as_bytes());
    folder.file(".env", &env);
    let command = |words: &[&str]| {
        let mut command = bare();
        command.env_remove("UTURN_BUILT_IN").current_dir(folder.path()).args(words);
        run(&mut command).exits(0).never_says("hunter2")
    };
    command(&["status"]).says("`.env`: skipped, since it cannot be read: line 1, 2, 3, 4").says("1 pending");
    let json = command(&["status", "--json"]);
    assert!(
        json.out.contains(r#"{"event":"note","lines":[1,2,3,4],"note":"env_lines","path":".env","v":1}"#),
        "{}",
        json.out
    );
});
