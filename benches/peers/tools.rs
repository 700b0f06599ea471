//! The tools, each with the files that it reads and the commands that it takes. A tool that is not installed is left out
//! of the table, by name.

use crate::pairs::Pair;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A database of a server.
pub struct Target {
    /// `127.0.0.1`
    pub host: String,
    /// Its port.
    pub port: String,
    /// Its name.
    pub database: String,
}

impl Target {
    /// With the account of `scripts/server`.
    pub fn url(&self) -> String {
        format!("mysql://uturn:uturn@{}:{}/{}", self.host, self.port, self.database)
    }
}

/// One tool.
pub struct Tool {
    /// As it is called.
    pub name: &'static str,
    program: PathBuf,
    lay: fn(&Path, &[Pair], &Target),
    /// Where npm put it and its modules.
    modules: Option<PathBuf>,
    up: fn(&mut Command, &Path, &Target),
    undo: Option<fn(&mut Command, &Path, &Target)>,
    status: Option<fn(&mut Command, &Path, &Target)>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Everything, on an empty database.
    Up,
    /// Everything back.
    Undo,
    /// With nothing to do.
    Again,
    /// What is applied.
    Status,
}

impl Tool {
    /// Writes its files into a folder of its own.
    pub fn lay(&self, folder: &Path, pairs: &[Pair], target: &Target) {
        (self.lay)(folder, pairs, target);
        // knex and sequelize-cli are to be installed in the project that they migrate.
        if let Some(modules) = &self.modules {
            std::os::unix::fs::symlink(modules, folder.join("node_modules")).expect("the folder is new");
        }
    }

    /// The command, if the tool has one.
    pub fn command(&self, way: Way, folder: &Path, target: &Target) -> Option<Command> {
        let fill = match way {
            Way::Up | Way::Again => self.up,
            Way::Undo => self.undo?,
            Way::Status => self.status?,
        };
        let mut command = Command::new(&self.program);
        command.current_dir(folder);
        fill(&mut command, folder, target);
        Some(command)
    }
}

/// Those that are installed and wanted, the floor first, and the names of those that are not installed.
pub fn installed(peers: &Path, is_wanted: impl Fn(&str) -> bool) -> (Vec<Tool>, Vec<&'static str>) {
    let this = std::env::current_exe().expect("this program is a file");
    let in_path = |name: &str| {
        let paths = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&paths).map(|folder| folder.join(name)).find(|path| path.exists())
    };
    let modules = peers.join("node_modules");
    let cargo = |name: &str| Some(peers.join("bin").join(name));
    let all = [
        tool("floor", lay_sql, |c, f, t| words(c, f, t, "floor up URL DIR")),
        tool("uturn", lay_sql, |c, f, t| words(c, f, t, "up --database-url NOPASS --dir DIR/sql")),
        tool("mariadb client", lay_client, |c, f, t| client(c, f, t, "up.sql")),
        tool("refinery", lay_refinery, |c, f, t| words(c, f, t, "migrate -e DATABASE_URL -p DIR/sql")),
        tool("sqlx", lay_sqlx, |c, f, t| words(c, f, t, "migrate run --source DIR/sql")),
        tool("diesel", lay_diesel, |c, f, t| words(c, f, t, "migration run --migration-dir DIR/sql")),
        tool("dbmate", lay_dbmate, |c, f, t| words(c, f, t, "--no-dump-schema --migrations-dir DIR/sql migrate")),
        tool("sequelize-cli", lay_sequelize, |c, f, t| {
            words(c, f, t, "db:migrate --url URL --migrations-path DIR/sql")
        }),
        tool("knex", lay_knex, |c, f, t| words(c, f, t, "migrate:latest")),
        tool("alembic", lay_alembic, |c, f, t| words(c, f, t, "upgrade head")),
    ]
    .into_iter()
    .map(|mut tool| {
        let program = match tool.name {
            "floor" => Some(this.clone()),
            "uturn" => Some(PathBuf::from(env!("CARGO_BIN_EXE_uturn"))),
            "mariadb client" => in_path("mariadb"),
            "refinery" | "sqlx" | "diesel" => cargo(tool.name),
            "alembic" => Some(peers.join("python/bin/alembic")),
            other => {
                tool.modules = Some(modules.clone());
                Some(modules.join(".bin").join(other))
            }
        };
        (tool.undo, tool.status) = other_ways(tool.name);
        (tool.name, program.filter(|path| path.exists()), tool)
    });
    let (mut here, mut missing) = (Vec::new(), Vec::new());
    for (name, program, tool) in all.filter(|(name, ..)| *name == "floor" || is_wanted(name)) {
        match program {
            Some(program) => here.push(Tool { program, ..tool }),
            None => missing.push(name),
        }
    }
    (here, missing)
}

type Fill = fn(&mut Command, &Path, &Target);

fn tool(name: &'static str, lay: fn(&Path, &[Pair], &Target), up: Fill) -> Tool {
    Tool { name, program: PathBuf::new(), lay, modules: None, up, undo: None, status: None }
}

/// Where a tool has no way to undo everything in one command, there is none in the table.
fn other_ways(name: &str) -> (Option<Fill>, Option<Fill>) {
    match name {
        "floor" => (
            Some(|c, f, t| words(c, f, t, "floor undo URL DIR")),
            Some(|c, f, t| words(c, f, t, "floor status URL DIR")),
        ),
        "uturn" => (
            Some(|c, f, t| words(c, f, t, "undo --all --yes --database-url NOPASS --dir DIR/sql")),
            Some(|c, f, t| words(c, f, t, "status --database-url NOPASS --dir DIR/sql")),
        ),
        "mariadb client" => (Some(|c, f, t| client(c, f, t, "down.sql")), None),
        "sqlx" => (
            Some(|c, f, t| words(c, f, t, "migrate revert --target-version 0 --source DIR/sql")),
            Some(|c, f, t| words(c, f, t, "migrate info --source DIR/sql")),
        ),
        "diesel" => (
            Some(|c, f, t| words(c, f, t, "migration revert --all --migration-dir DIR/sql")),
            Some(|c, f, t| words(c, f, t, "migration list --migration-dir DIR/sql")),
        ),
        "dbmate" => (None, Some(|c, f, t| words(c, f, t, "--migrations-dir DIR/sql status"))),
        "sequelize-cli" => (
            Some(|c, f, t| words(c, f, t, "db:migrate:undo:all --url URL --migrations-path DIR/sql")),
            Some(|c, f, t| words(c, f, t, "db:migrate:status --url URL --migrations-path DIR/sql")),
        ),
        "knex" => {
            (Some(|c, f, t| words(c, f, t, "migrate:rollback --all")), Some(|c, f, t| words(c, f, t, "migrate:list")))
        }
        "alembic" => (Some(|c, f, t| words(c, f, t, "downgrade base")), Some(|c, f, t| words(c, f, t, "current"))),
        _ => (None, None),
    }
}

/// Words of a command line, with what they stand for. Whatever reads DATABASE_URL finds it there.
fn words(command: &mut Command, folder: &Path, target: &Target, words: &str) {
    let folder = folder.display().to_string();
    let no_password = target.url().replace(":uturn@", "@");
    command.args(words.split(' ').map(|word| match word {
        "URL" => target.url(),
        "NOPASS" => no_password.clone(),
        word => word.replace("DIR", &folder),
    }));
    command.env("DATABASE_URL", target.url()).env("DB_PASSWORD", "uturn").env("SQLX_OFFLINE", "true");
}

fn client(command: &mut Command, folder: &Path, target: &Target, script: &str) {
    command.args(["--no-defaults", "--protocol=tcp", "--default-character-set=utf8mb4", "-uuturn"]);
    command.env("MYSQL_PWD", "uturn").arg("-h").arg(&target.host).arg("-P").arg(&target.port).arg(&target.database);
    command.stdin(std::fs::File::open(folder.join(script)).expect("the script is there"));
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder can be made");
    std::fs::write(path, text).expect("the file can be written");
}

fn script(statements: &[String]) -> String {
    statements.iter().map(|one| format!("{one};\n")).collect()
}

fn lay_sql(folder: &Path, pairs: &[Pair], _: &Target) {
    for pair in pairs {
        let stem = format!("{}-{}", pair.version, pair.name);
        write(&folder.join(format!("sql/{stem}.up.sql")), &script(&pair.up));
        write(&folder.join(format!("sql/{stem}.down.sql")), &script(&pair.down));
    }
}

fn lay_client(folder: &Path, pairs: &[Pair], _: &Target) {
    write(&folder.join("up.sql"), &pairs.iter().map(|pair| script(&pair.up)).collect::<String>());
    write(&folder.join("down.sql"), &pairs.iter().rev().map(|pair| script(&pair.down)).collect::<String>());
}

/// Its command line knows only versions of 32 bits.
fn lay_refinery(folder: &Path, pairs: &[Pair], _: &Target) {
    for (index, pair) in pairs.iter().enumerate() {
        write(&folder.join(format!("sql/V{}__{}.sql", index + 1, pair.name)), &script(&pair.up));
    }
}

fn lay_sqlx(folder: &Path, pairs: &[Pair], _: &Target) {
    for pair in pairs {
        let stem = format!("{}_{}", pair.version, pair.name);
        write(&folder.join(format!("sql/{stem}.up.sql")), &script(&pair.up));
        write(&folder.join(format!("sql/{stem}.down.sql")), &script(&pair.down));
    }
}

fn lay_diesel(folder: &Path, pairs: &[Pair], _: &Target) {
    for pair in pairs {
        let stem = format!("{}_{}", pair.version, pair.name);
        write(&folder.join(format!("sql/{stem}/up.sql")), &script(&pair.up));
        write(&folder.join(format!("sql/{stem}/down.sql")), &script(&pair.down));
    }
}

fn lay_dbmate(folder: &Path, pairs: &[Pair], _: &Target) {
    for pair in pairs {
        let text = format!("-- migrate:up\n{}\n-- migrate:down\n{}", script(&pair.up), script(&pair.down));
        write(&folder.join(format!("sql/{}_{}.sql", pair.version, pair.name)), &text);
    }
}

/// One call a statement: that is how its users write migrations of several.
fn module(pair: &Pair, start: &str, call: &str) -> String {
    let body = |statements: &[String]| {
        statements.iter().map(|one| format!("    await {call}({});\n", serde_json::json!(one))).collect::<String>()
    };
    format!(
        "module.exports = {{\n  up: {start} {{\n{}  }},\n  down: {start} {{\n{}  }},\n}};\n",
        body(&pair.up),
        body(&pair.down)
    )
}

fn lay_sequelize(folder: &Path, pairs: &[Pair], _: &Target) {
    for pair in pairs {
        let text = module(pair, "async (i) =>", "i.sequelize.query");
        write(&folder.join(format!("sql/{}-{}.js", pair.version, pair.name)), &text);
    }
}

fn lay_knex(folder: &Path, pairs: &[Pair], target: &Target) {
    for pair in pairs {
        let text = module(pair, "async (knex) =>", "knex.raw");
        write(&folder.join(format!("sql/{}_{}.js", pair.version, pair.name)), &text);
    }
    let config = format!(
        "module.exports = {{ client: 'mysql2', connection: {}, migrations: {{ directory: './sql' }} }};\n",
        serde_json::json!(target.url())
    );
    write(&folder.join("knexfile.js"), &config);
}

fn lay_alembic(folder: &Path, pairs: &[Pair], target: &Target) {
    let mut before = "None".to_owned();
    for pair in pairs {
        let body = |statements: &[String]| {
            statements.iter().fold(String::new(), |mut body, one| {
                // A colon would be a parameter to it.
                let text = serde_json::json!(one.replace(':', "\\:"));
                writeln!(body, "    op.execute({text})").expect("a String takes everything");
                body
            })
        };
        let text = format!(
            "from alembic import op\nrevision = '{0}'\ndown_revision = {before}\n\n\ndef upgrade():\n{1}\n\ndef downgrade():\n{2}",
            pair.version,
            body(&pair.up),
            body(&pair.down)
        );
        write(&folder.join(format!("versions/{}_{}.py", pair.version, pair.name)), &text);
        before = format!("'{}'", pair.version);
    }
    let url = target.url().replace("mysql://", "mysql+pymysql://");
    write(
        &folder.join("alembic.ini"),
        &format!("[alembic]\nscript_location = {}\nsqlalchemy.url = {url}\n", folder.display()),
    );
    write(
        &folder.join("env.py"),
        "from alembic import context\nfrom sqlalchemy import create_engine\n\
         engine = create_engine(context.config.get_main_option('sqlalchemy.url'))\n\
         with engine.connect() as connection:\n    context.configure(connection=connection)\n    \
         with context.begin_transaction():\n        context.run_migrations()\n",
    );
}
