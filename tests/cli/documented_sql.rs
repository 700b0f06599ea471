//! Every SQL block of the documentation is run, on both servers.

use crate::support::docs;
use crate::support::server::on_each;

// Migrations go up, all the way back, and up again; other blocks are statements that run one after the other in a database of
// their own. A block whose word is `found` shows what `check` finds in it, which tests/cli/check/mod.rs looks at.
on_each!(what_the_pages_show_is_what_runs, |server| {
    let pages = docs::pages();
    let blocks: Vec<_> =
        pages.iter().flat_map(|page| docs::blocks(page)).filter(|block| block.word != "found").collect();
    assert!(blocks.len() >= 25, "{} blocks", blocks.len());
    for block in &blocks {
        let db = server.server.database();
        println!("{}", block.at);
        if !block.is_pairs() {
            db.client(&block.text).exits(0);
            continue;
        }
        let folder = block.folder();
        folder.uturn(&db, "up").exits(0);
        if !block.text.contains("irreversible:") {
            folder.uturn(&db, "undo --all --yes").exits(0);
            assert_eq!(db.schema(), Vec::<String>::new(), "{}: something is left", block.at);
            folder.uturn(&db, "up").exits(0);
        }
    }
});
