//! The least that any tool must do: one connection, the same statements, one row in a history for each migration. It
//! checks nothing and promises nothing. A process of its own, as the tools are.

use mysql::prelude::Queryable;
use mysql::{Conn, Opts};
use std::path::Path;
use uturn::script::lexer::Modes;
use uturn::script::split;

/// `floor up | undo | status URL FOLDER`
pub fn main(words: &[String]) {
    let [way, url, folder] = words else { panic!("floor takes a way, a URL and a folder") };
    let opts = Opts::from_url(&format!("{url}?prefer_socket=false&max_allowed_packet=1073741824")).expect("a URL");
    let mut conn = Conn::new(opts).expect("the server answers");
    let mut names: Vec<String> = std::fs::read_dir(Path::new(folder).join("sql"))
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    if way == "status" {
        let rows: Vec<(u64, String)> = conn.query("SELECT version, name FROM floor_history").expect("the history");
        assert_eq!(rows.len() * 2, names.len());
        return;
    }
    if way == "up" {
        run(
            &mut conn,
            "CREATE TABLE IF NOT EXISTS floor_history (version BIGINT PRIMARY KEY, name VARCHAR(255)) ENGINE=InnoDB",
        );
    } else {
        names.reverse();
    }
    let end = if way == "up" { ".up.sql" } else { ".down.sql" };
    for name in names.iter().filter(|name| name.ends_with(end)) {
        let text = std::fs::read_to_string(Path::new(folder).join("sql").join(name)).expect("UTF-8");
        let script = split::split(&text, Modes::default()).expect("a good script");
        for one in script.statements() {
            run(&mut conn, script.text(one));
        }
        let version = &name[..14];
        let row = match way.as_str() {
            "up" => format!("INSERT INTO floor_history VALUES ({version}, '{}')", name.trim_end_matches(end)),
            _ => format!("DELETE FROM floor_history WHERE version = {version}"),
        };
        run(&mut conn, &row);
    }
}

/// One packet, read to its end.
fn run(conn: &mut Conn, sql: &str) {
    let mut result = conn.query_iter(sql).unwrap_or_else(|error| panic!("{sql:.200}: {error}"));
    while let Some(set) = result.iter() {
        for row in set {
            row.expect("a row");
        }
    }
}
