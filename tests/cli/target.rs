//! How a migration is named on the command line: by a timestamp, a name, or the beginning of one.

use crate::support::app::Folder;
use crate::support::server::on_each;

on_each!(a_migration_is_found_by_its_name_too_where_only_one_has_it, |db| {
    let folder = Folder::new();
    for (stem, table) in [
        ("20260101000000-create-orders", "a"),
        ("20260102000000-create_orders-index", "b"),
        ("20260103000000-create-users", "c"),
        ("20260104000000-2026-report", "d"),
    ] {
        folder.pair(stem, &format!("CREATE TABLE {table} (n INT);\n"), &format!("DROP TABLE {table};\n"));
    }
    folder.uturn(db, "up").exits(0);
    let undone = |words: &str| {
        folder.uturn(db, &format!("undo {words} --yes")).exits(0);
        let left = db.tables().concat();
        folder.uturn(db, "up").exits(0);
        left
    };
    // A whole name, though another one begins with it; `-` and `_` are the same.
    assert_eq!(undone("--to create-orders"), "");
    assert_eq!(undone("--to create_orders"), "");
    assert_eq!(undone("--to create-users"), "ab");
    assert_eq!(undone("--keep create-orders-i"), "ab");
    // What a timestamp fits is not looked for among the names.
    for (words, said) in [
        ("undo --to create --yes", "`create` fits 3 migrations"),
        ("undo --to 2026 --yes", "`2026` fits 4 migrations"),
        ("undo --to orders --yes", "no migration fits `orders`"),
        ("up --to create-u-", "no migration fits `create-u-`"),
    ] {
        folder.uturn(db, words).exits(2).says(said).says("nothing has been changed");
    }
});

on_each!(resolve_names_both_answers, |db| {
    let folder = Folder::new();
    for words in ["resolve 20260101 --statement 3", "resolve 20260101 --statement 3 --applied --retry"] {
        folder.uturn(db, words).exits(2).says("--applied").says("--retry");
    }
});
