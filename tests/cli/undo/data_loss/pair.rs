//! A row of the table: what there is before, an up and its down. `{here}` and `{other}` are two databases, `{file}` is a
//! file of rows that the server can read.

/// The servers that take the statements of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Both,
    MariaDb,
    MySql,
}

pub type Statements = &'static [&'static str];

/// One pair, or several that build on each other.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub name: &'static str,
    pub on: On,
    pub setup: Statements,
    /// What there is besides.
    pub more: Statements,
    /// The up and the down of each migration, oldest first.
    pub migrations: &'static [(Statements, Statements)],
    /// What a person does between the up and the undo, where the server takes it.
    pub meanwhile: Statements,
    /// Names under which the rows of a table are seen as well: a view, or a MERGE table. Announcing it is enough.
    pub seen_through: &'static [(&'static str, &'static str)],
    /// The rows of `{file}`.
    pub file: &'static str,
}

/// A pair of one migration. A macro, since both lists are constants.
macro_rules! pair {
    ($name:literal, $setup:expr, [$($up:expr),* $(,)?], [$($down:expr),* $(,)?] $(,)?) => {
        $crate::undo::data_loss::pair::Pair::of($name, $setup, &[(&[$($up),*], &[$($down),*])])
    };
    ($name:literal, $setup:expr, $([$($up:expr),* $(,)?] => [$($down:expr),* $(,)?]),+ $(,)?) => {
        $crate::undo::data_loss::pair::Pair::of($name, $setup, &[$((&[$($up),*], &[$($down),*])),+])
    };
}
pub(crate) use pair;

impl Pair {
    pub const fn of(name: &'static str, setup: Statements, migrations: &'static [(Statements, Statements)]) -> Pair {
        Pair { name, on: On::Both, setup, more: &[], migrations, meanwhile: &[], seen_through: &[], file: "" }
    }

    pub const fn and(self, more: Statements) -> Pair {
        Pair { more, ..self }
    }

    pub const fn mariadb(self) -> Pair {
        Pair { on: On::MariaDb, ..self }
    }

    pub const fn mysql(self) -> Pair {
        Pair { on: On::MySql, ..self }
    }

    pub const fn meanwhile(self, statements: Statements) -> Pair {
        Pair { meanwhile: statements, ..self }
    }

    pub const fn seen_through(self, names: &'static [(&'static str, &'static str)]) -> Pair {
        Pair { seen_through: names, ..self }
    }

    pub const fn file(self, text: &'static str) -> Pair {
        Pair { file: text, ..self }
    }

    /// How many statements the last up has.
    pub fn statements(&self) -> usize {
        self.migrations.last().map_or(0, |(up, _)| up.len())
    }

    /// And the last down.
    pub fn statements_of_down(&self) -> usize {
        self.migrations.last().map_or(0, |(_, down)| down.len())
    }

    pub fn runs_on(&self, kind: &str) -> bool {
        match self.on {
            On::Both => true,
            On::MariaDb => kind == "mariadb",
            On::MySql => kind == "mysql",
        }
    }
}

/// Three rows, each value of which stands nowhere else.
pub const T: Statements = &[
    "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50)) ENGINE=InnoDB",
    "INSERT INTO t VALUES (101, 't-name-1', 't-note-1'), (102, 't-name-2', NULL), (103, 't-name-3', 't-note-3')",
];

/// And a table `u` of five rows.
pub const T_U: Statements = &[
    T[0],
    T[1],
    "CREATE TABLE u (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50)) ENGINE=InnoDB",
    "INSERT INTO u VALUES (201, 'u-name-1', 'u-note-1'), (202, 'u-name-2', 'u-note-2'), (203, 'u-name-3', NULL), \
     (204, 'u-name-4', NULL), (205, 'u-name-5', NULL)",
];

/// And a table `v` of one row.
pub const T_U_V: Statements = &[
    T_U[0],
    T_U[1],
    T_U[2],
    T_U[3],
    "CREATE TABLE v (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50)) ENGINE=InnoDB",
    "INSERT INTO v VALUES (301, 'v-name-1', 'v-note-1')",
];

/// A table `t` here and one in the other database.
pub const T_O: Statements = &[
    T[0],
    T[1],
    "CREATE TABLE {other}.t (id INT PRIMARY KEY, name VARCHAR(50), note VARCHAR(50)) ENGINE=InnoDB",
    "INSERT INTO {other}.t VALUES (401, 'o-name-1', 'o-note-1'), (402, 'o-name-2', NULL)",
];
