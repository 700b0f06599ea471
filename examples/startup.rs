//! An application that brings its own database up to date when it starts.
//!
//! `DATABASE_URL=mysql://user:password@localhost/notes cargo run --example startup`
//!
//! Several instances may start at once: one runs the migrations, the others wait and find nothing to do.

use uturn::event::Event;
use uturn::{Migrations, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let migrations = Migrations::built_in(uturn::scripts!(
        "examples/migrations";
        "20260101000000-create-notes",
        "20260102000000-add-author-to-notes",
    ))?;
    let settings = Settings::from_url(&std::env::var("DATABASE_URL")?)?;
    uturn::up(&settings, &migrations, &mut |event| {
        if let Event::Finished(finished) = event {
            println!("{} {}", finished.direction, finished.name);
        }
    })?;
    println!("ready");
    Ok(())
}
