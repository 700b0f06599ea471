//! What UTURN_ENV guards, and what the variables of switches mean: a word that is not known is never the dangerous answer.

use crate::contract::{applied, folder_of, line};
use crate::support::server::on_each;

on_each!(in_production_every_undo_needs_a_second_word, |db| {
    let server = &db.server;
    let db = applied(server, "ab");
    let files = folder_of("ab");
    for (words, code, after) in [
        ("undo", 3, "ab"),
        ("undo --steps 1", 3, "ab"),
        ("undo --steps 2 --yes", 3, "ab"),
        ("undo --all --yes", 3, "ab"),
        ("undo --to 20260101 --yes", 3, "ab"),
        ("undo --keep 20260101", 3, "ab"),
        ("redo", 3, "ab"),
        ("redo --steps 2 --yes", 3, "ab"),
        ("reset --yes", 3, "ab"),
        ("drop --yes", 3, "ab"),
        ("undo --all --dry-run", 0, "ab"),
        ("drop --dry-run", 0, "ab"),
        ("undo --keep 20260101 --allow-production", 0, "a"),
        ("up", 0, "ab"),
        ("undo --all --allow-production", 3, "ab"),
        ("redo --steps 2 --allow-production", 0, "ab"),
        ("undo --steps 1 --allow-production", 0, "a"),
        ("reset --yes --allow-production", 0, "ab"),
        ("undo --all --yes --allow-production", 0, ""),
        ("undo --all --yes", 0, ""),
    ] {
        println!("--- on {}: uturn {words}", server.kind);
        let run = line(&db, files.command(&db, words).env("UTURN_ENV", "production"), code, "", after);
        if code == 3 && !words.contains("allow-production") {
            run.says("this is production").says("--allow-production").never_says("would go");
        }
    }
});

on_each!(a_word_for_the_environment_that_is_not_known_counts_as_production_and_is_noted, |db| {
    let server = &db.server;
    let db = applied(server, "ab");
    let files = folder_of("ab");
    for word in ["prod", "Production", " production ", "live", "stage", "prd", "qa", "1", "no", "development2"] {
        let mut undo = files.command(&db, "undo --steps 2");
        let run = line(&db, undo.env("UTURN_ENV", word), 3, "this is production", "ab");
        match word.trim().eq_ignore_ascii_case("production") {
            true => run.never_says("counts as production"),
            false => run.says(&format!("note: UTURN_ENV={word} counts as production")),
        };
        let mut undo = files.command(&db, "undo --steps 2 --json");
        line(&db, undo.env("UTURN_ENV", word), 3, r#""kind":"guard""#, "ab");
    }
    for word in ["", " ", "development", "dev", "Local", "test", "testing", "CI", "staging", "staging "] {
        let mut redo = files.command(&db, "redo --steps 2");
        line(&db, redo.env("UTURN_ENV", word), 0, "applied", "ab").never_says("production");
    }
    let mut undo = files.command(&db, "undo --allow-production --json");
    line(&db, undo.env("UTURN_ENV", "prod"), 0, r#""note":"counts_as_production","uturn_env":"prod""#, "a");
});

on_each!(a_word_that_is_neither_yes_nor_no_is_an_error_and_never_a_yes, |db| {
    let server = &db.server;
    let db = applied(server, "ab");
    let files = folder_of("ab");
    for (variable, words) in [
        ("UTURN_YES", "undo --all"),
        ("UTURN_ALL", "undo --yes"),
        ("UTURN_ALLOW_PRODUCTION", "undo"),
        ("UTURN_DRY_RUN", "up"),
        ("UTURN_JSON", "status"),
        ("UTURN_STRICT", "up"),
        ("UTURN_DOWN_FROM_FILES", "undo"),
        ("UTURN_ALLOW_LOCAL_INFILE", "up"),
        ("UTURN_NO_DESTRUCTIVE", "plan undo"),
    ] {
        for word in ["never", "maybe", "2", "-1", "yes please", "'1'", "oui", "enabled"] {
            let run = line(&db, files.command(&db, words).env(variable, word), 2, variable, "ab");
            run.says(word).says("1, true, yes or on, or 0, false, no or off").says("nothing has been changed");
        }
    }
    for (variable, word) in [("UTURN_LOCK_TIMEOUT", "soon"), ("UTURN_STEPS", "all"), ("UTURN_DOWN_DATA", "keep")] {
        let run = line(&db, files.command(&db, "redo").env(variable, word), 2, variable, "ab");
        run.says(&format!("invalid value '{word}'")).says("nothing has been changed");
    }
    for no in ["0", "no", "No", "off", "FALSE", "f", "n", "", " no "] {
        line(&db, files.command(&db, "undo --all").env("UTURN_YES", no), 3, "needs a confirmation", "ab");
    }
    for yes in ["1", "yes", "Yes", "on", "TRUE", "t", "y", " yes "] {
        line(&db, files.command(&db, "undo --all").env("UTURN_YES", yes), 0, "undone", "");
        line(&db, &mut files.command(&db, "up"), 0, "applied", "ab");
    }
});
