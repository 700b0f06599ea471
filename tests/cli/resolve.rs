//! A migration that stopped part-way, and that a person has completed by hand: `resolve M --applied`.

use crate::support::app::Folder;
use crate::support::server::on_each;

const STEM: &str = "20260101000000-orders";
const UP: &str = "CREATE TABLE a (x INT); INSERT INTO a VALUES (1); ALTER TABLE nonesuch ADD y INT; CREATE TABLE b (x INT); SET @x = 1;";

on_each!(an_up_completed_by_hand_is_applied, |db| {
    let folder = Folder::with(&[(STEM, UP, "DROP TABLE b; DROP TABLE a;")]);
    folder.uturn(db, "up").exits(5);
    let resolve = "resolve 20260101 --applied";
    // Nobody is there to be asked.
    folder
        .uturn(db, resolve)
        .exits(3)
        .says("3: ALTER TABLE nonesuch ADD y INT")
        .says("4: CREATE TABLE b (x INT)")
        .never_says("1: CREATE TABLE a")
        .says("nothing has been changed")
        .says("--yes");
    folder.uturn(db, "status").exits(0).says("stopped");
    let sql = folder.uturn(db, &format!("{resolve} --dry-run")).exits(0).says("CREATE TABLE b (x INT)").out;
    assert!(sql.contains("a person said so") && sql.contains("INSERT INTO"), "{sql}");
    folder.uturn(db, "status").exits(0).says("stopped");
    db.exec("CREATE TABLE b (x INT)");
    folder.uturn(db, &format!("{resolve} --yes")).exits(0);
    folder.uturn(db, "status --exit-code").exits(0);
    let said = "SELECT CONCAT(step, state) FROM refinery_schema_history_step WHERE decided LIKE 'a person said so: %'";
    assert_eq!(db.rows(said), ["3done", "4done", "5done"]);
    folder.uturn(db, &format!("{resolve} --yes")).exits(2).says("did not stop part-way");
    // The down was kept with it.
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables().concat(), "");
});

on_each!(a_down_completed_by_hand_is_undone, |db| {
    let down = "DROP TABLE b; DROP TABLE nonesuch; DROP TABLE a;";
    let folder = Folder::with(&[(STEM, "CREATE TABLE a (x INT); CREATE TABLE b (x INT);", down)]);
    folder.uturn(db, "up").exits(0);
    folder.uturn(db, "undo").exits(5);
    db.exec("DROP TABLE a");
    let words = "resolve orders --applied --yes";
    let run = |extra: &str| {
        crate::support::app::run(folder.command(db, &format!("{words}{extra}")).env("UTURN_ENV", "production"))
    };
    run("").exits(3).says("--allow-production");
    folder.uturn(db, &format!("{words} --dry-run")).exits(0).says("DELETE FROM");
    run(" --allow-production").exits(0).says("2: DROP TABLE nonesuch").says("3: DROP TABLE a");
    assert_eq!(db.rows("SELECT COUNT(*) FROM refinery_schema_history"), ["0"]);
    folder.uturn(db, "status --exit-code").exits(1).never_says("stopped");
    folder.uturn(db, "up").exits(0);
});

on_each!(the_down_of_a_half_run_up_completed_by_hand_is_undone, |db| {
    let down = "DROP TABLE b; INSERT INTO a VALUES ('none'); DROP TABLE a;";
    let folder = Folder::with(&[(STEM, UP, down)]);
    folder.uturn(db, "up").exits(5);
    db.exec("CREATE TABLE b (x INT)");
    folder.uturn(db, "undo --down-data run").exits(5);
    db.exec("DROP TABLE IF EXISTS a, b");
    folder.uturn(db, "resolve orders --applied --yes").exits(0);
    folder.uturn(db, "status --exit-code").exits(1).never_says("stopped");
});

on_each!(a_statement_in_doubt_counts_as_done_with_the_rest, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE a (x INT);", "DROP TABLE a;")]);
    folder.uturn(db, "up").exits(0);
    // A doubt made by hand: a CALL that may commit, whose outcome never came.
    db.exec(
            "UPDATE refinery_schema_history_run SET state = 'running', step_state = 'intent', sql_head = 'CALL p()', evidence = ''",
        );
    db.exec("DELETE FROM refinery_schema_history");
    folder.uturn(db, "up").exits(6);
    // Mended, and completed: what is recorded is the file as it is now.
    folder.pair(STEM, "CREATE TABLE a (y INT); CREATE TABLE b (x INT);", "DROP TABLE a, b;");
    db.exec("CREATE TABLE b (x INT)");
    folder.uturn(db, "resolve orders --applied --yes").exits(0).says("1: CREATE TABLE a (y").says("2: CREATE TABLE b");
    folder.uturn(db, "status --exit-code").exits(0);
    folder.uturn(db, "undo").exits(0);
    assert_eq!(db.tables().concat(), "");
});

on_each!(what_is_not_there_to_be_completed_is_refused, |db| {
    let folder = Folder::with(&[(STEM, UP, "DROP TABLE a, b;")]);
    folder.uturn(db, "resolve orders --applied --yes").exits(2).says("did not stop part-way");
    folder.uturn(db, "resolve orders --retry").exits(2).says("--statement");
    folder.uturn(db, "up").exits(5);
    // What is done cannot be another statement now.
    folder.pair(STEM, &UP.replace("CREATE TABLE a (x INT)", "CREATE TABLE a (z INT)"), "DROP TABLE a, b;");
    folder.uturn(db, "resolve orders --applied --yes").exits(3).says("statement 1 is done");
    folder.uturn(db, "status").exits(0).says("stopped");
});
