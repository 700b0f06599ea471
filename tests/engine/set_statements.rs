//! SET statements that could take effect in part only, or on uturn's own transactions.

use crate::support::app::Folder;
use crate::support::server::on_each;

const STEM: &str = "20260101000000-m";

on_each!(what_would_be_left_out_or_recorded_in_part_is_refused_before_anything_runs, |db| {
    let before = db.everything();
    for (set, why) in [
        ("SET autocommit = 0, sql_mode = '';", "set the others in a statement of their own"),
        ("SET @x = 1, completion_type = 1;", "set the others in a statement of their own"),
        ("SET GLOBAL max_connect_errors = 101, SESSION sort_buffer_size = 65536;", "write two statements"),
        ("SET @@global.max_connect_errors = 101, @x = 1;", "write two statements"),
        ("SET TRANSACTION ISOLATION LEVEL READ COMMITTED;", "write SET SESSION instead"),
        ("SET @@transaction_isolation = 'READ-COMMITTED';", "write SET SESSION instead"),
        ("SET @@GLOBAL.max_connect_errors = 101, sql_mode = '';", "write two statements"),
        ("SET gtid_next = '3e11fa47-71ca-11e1-9e33-c80aa9429562:1';", "with a GTID of its own"),
    ] {
        let folder = Folder::with(&[(STEM, &format!("CREATE TABLE t (a INT); {set}"), "SELECT 1;")]);
        folder.uturn(db, "up").exits(2).says(why).says("nothing has been changed");
        folder.uturn(db, "check").exits(1).says("`up` refuses");
        assert_eq!(db.everything(), before, "{set}");
    }
});

on_each!(what_is_set_for_the_session_or_for_all_runs, |db| {
    let isolation = if db.server.kind == "mysql" { "@@transaction_isolation" } else { "@@tx_isolation" };
    let up = format!(
        "CREATE TABLE t (a VARCHAR(20), b INT); SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
             SET autocommit = 0; SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0; \
             SET GLOBAL TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE; SET GLOBAL net_retry_count = 12, net_write_timeout = 61; SET autocommit = 1, @x = 5; \
             INSERT INTO t VALUES ({isolation}, @x);"
    );
    Folder::with(&[(STEM, &up, "SELECT 1;")]).uturn(db, "up").exits(0).says("autocommit and completion_type stay");
    assert_eq!(db.rows("SELECT * FROM t"), ["READ-COMMITTED|5"]);
    assert_eq!(db.rows("SELECT @@global.net_write_timeout"), ["61"]);
});
