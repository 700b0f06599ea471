//! What a statement costs, in the words of the servers: how it would be done, what waits meanwhile, what is rebuilt, and
//! what is gone afterwards. The ladder of questions is decided here; `gate` sums a plan up and holds it against its limits.

/// How the server changes a table, the cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// The dictionary alone.
    Instant,
    /// In place, and the rows stay where they are; a word of MariaDB's.
    NoCopy,
    /// In place; MySQL's word for both, with the rows rewritten or not.
    Inplace,
    /// Row by row into a new table.
    Copy,
}

impl Algorithm {
    /// The server's word.
    pub fn word(self) -> &'static str {
        match self {
            Algorithm::Instant => "INSTANT",
            Algorithm::NoCopy => "NOCOPY",
            Algorithm::Inplace => "INPLACE",
            Algorithm::Copy => "COPY",
        }
    }
}

/// What others cannot do meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocks {
    /// Reads and writes go on.
    Nothing,
    /// Reads go on.
    Writes,
    /// Neither.
    Everything,
}

impl Blocks {
    /// The server's word for the lock.
    pub fn word(self) -> &'static str {
        match self {
            Blocks::Nothing => "NONE",
            Blocks::Writes => "SHARED",
            Blocks::Everything => "EXCLUSIVE",
        }
    }
}

/// One question to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// With this algorithm …
    pub algorithm: Algorithm,
    /// … and this lock; INSTANT takes no LOCK.
    pub lock: Option<Blocks>,
}

/// Which words the server knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Knows NOCOPY, and takes INPLACE as "INPLACE or better".
    MariaDb,
    /// Does not.
    MySql,
}

/// The questions, the cheapest first: the first one that the server accepts is what it would do by itself. What the
/// statement says of ALGORITHM and LOCK is respected.
pub fn ladder(dialect: Dialect, own_algorithm: Option<&str>, own_lock: Option<&str>) -> Vec<Rung> {
    use Algorithm::{Copy, Inplace, Instant, NoCopy};
    let (all, better): (&[Algorithm], bool) = match dialect {
        Dialect::MariaDb => (&[Instant, NoCopy, Inplace, Copy], true),
        Dialect::MySql => (&[Instant, Inplace, Copy], false),
    };
    let own = all.iter().copied().find(|algorithm| own_algorithm.is_some_and(|own| own == algorithm.word()));
    let is_allowed = |algorithm: Algorithm| match own {
        None => true,
        Some(Copy) => algorithm == Copy,
        Some(own) => algorithm == own || better && algorithm <= own,
    };
    let mut rungs = Vec::new();
    for &algorithm in all.iter().filter(|algorithm| is_allowed(**algorithm)) {
        if algorithm == Instant {
            rungs.push(Rung { algorithm, lock: None });
            continue;
        }
        for lock in [Blocks::Nothing, Blocks::Writes, Blocks::Everything] {
            if own_lock.is_none_or(|own| own == lock.word()) {
                rungs.push(Rung { algorithm, lock: Some(lock) });
            }
        }
    }
    rungs
}

/// What of a table is written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rebuilt {
    /// Nothing.
    Nothing,
    /// All of it.
    Whole,
    /// These partitions.
    Partitions(Vec<String>),
    /// It cannot be told.
    Unknown,
}

/// The answer for one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cost {
    /// It changes no table's form.
    None,
    /// Names and definitions alone: CREATE, DROP, RENAME, TRUNCATE, views, routines.
    Dictionary,
    /// The server accepted it so, on the clone.
    Accepted(Algorithm, Blocks, Rebuilt),
    /// It took effect on the clone, but the server takes no ALGORITHM and LOCK for it.
    Unasked(Rebuilt),
    /// It failed on the clone: the server's text.
    Fails(String),
    /// A down of a half-run migration that has nothing to take back here; an undo passes it over.
    PassedOver(String),
    /// It could not be tried, and why.
    Untried(String),
}

/// Rows and bytes of a table, as the server estimates them.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Size {
    /// Rows.
    pub rows: u64,
    /// Data and indexes.
    pub bytes: u64,
    /// The storage engine.
    pub engine: String,
}

/// A table that a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// Its name, as the statement finds it.
    pub name: String,
    /// What it holds now; nothing for a table that the plan itself makes, or that cannot be seen.
    pub size: Option<Size>,
    /// An earlier statement of the plan makes it.
    pub is_new: bool,
    /// Tables with foreign keys to it.
    pub referenced_by: Vec<String>,
}

/// A session that would keep a statement waiting, and everybody behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// The table that it uses; nothing where the server does not say which.
    pub table: Option<String>,
    /// The server's connection id.
    pub connection: u64,
    /// Account and host.
    pub account: String,
    /// For how long it has been in this state.
    pub seconds: u64,
    /// What it does, or did last.
    pub doing: Option<String>,
}

/// When what a statement does is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Commits {
    /// Before and after itself, and it cannot be rolled back.
    ByItself,
    /// In the script's n-th transaction, with the others of that number.
    In(u64),
    /// As what it runs does.
    AsItsContent,
    /// It changes the session alone.
    Session,
    /// It begins or ends a transaction.
    Boundary,
    /// It is not run.
    LeftOut,
}

/// Rows counted up to a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(u64),
    /// More than this limit.
    MoreThan(u64),
    /// An estimate of the server's.
    About(u64),
    /// Not counted.
    Unknown,
}

/// What is gone afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loss {
    /// A table with its rows.
    Table(String, Count),
    /// A column, and how many rows hold a value in it.
    Column(String, String, Count),
    /// A partition with its rows.
    Partition(String, String, Count),
    /// Rows.
    Rows(String, Count),
    /// A database.
    Database(String),
    /// Nobody can tell, and why.
    Unknown(String),
}

/// What a person should know of one statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// Why the server does not do it more cheaply, in its words.
    WhyNot(String),
    /// `ADD COLUMN, ADD INDEX` would be cheaper as two statements.
    Split,
    /// The rows have so many versions of the limit; at the limit the server silently rebuilds.
    RowVersions(u64, u64),
    /// The row versions could not be looked up.
    RowVersionsUnknown(String),
    /// The table had a FULLTEXT index once, and is changed as if it still had it.
    HadFulltext,
    /// The server takes this word, and copies all the same.
    Disowned(&'static str),
}

/// One statement of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessed {
    /// What it costs.
    pub cost: Cost,
    /// Bytes of the partitions that are rebuilt, where not the whole table is.
    pub part: Option<u64>,
    /// When it is committed.
    pub commits: Commits,
    /// The tables that it is about.
    pub tables: Vec<Touched>,
    /// What is gone afterwards.
    pub losses: Vec<Loss>,
    /// Rows that it reads or writes, for DML.
    pub rows: Option<Count>,
    /// Who uses its tables now.
    pub blockers: Vec<Blocker>,
    /// What else there is to know.
    pub remarks: Vec<Remark>,
}

impl Assessed {
    /// Bytes that are written anew; nothing where that is not known.
    pub fn rebuilt_bytes(&self) -> Option<u64> {
        match &self.cost {
            Cost::Accepted(_, _, Rebuilt::Nothing) | Cost::Unasked(Rebuilt::Nothing) => Some(0),
            Cost::None | Cost::Dictionary | Cost::PassedOver(_) => Some(0),
            Cost::Accepted(_, _, Rebuilt::Unknown) | Cost::Unasked(Rebuilt::Unknown) => {
                self.bytes_of_old().filter(|b| *b == 0)
            }
            Cost::Accepted(..) | Cost::Unasked(_) => self.part.or_else(|| self.bytes_of_old()),
            Cost::Fails(_) | Cost::Untried(_) => None,
        }
    }

    fn bytes_of_old(&self) -> Option<u64> {
        self.tables
            .first()
            .map_or(Some(0), |table| if table.is_new { Some(0) } else { table.size.as_ref().map(|size| size.bytes) })
    }

    /// Whether it writes a table, or a part of it, anew.
    pub fn rebuilds(&self) -> bool {
        match &self.cost {
            Cost::Accepted(_, _, rebuilt) | Cost::Unasked(rebuilt) => {
                matches!(rebuilt, Rebuilt::Whole | Rebuilt::Partitions(_))
            }
            Cost::None | Cost::Dictionary | Cost::Fails(_) | Cost::PassedOver(_) | Cost::Untried(_) => false,
        }
    }

    /// What others cannot do while it runs; nothing where that is not known. A table that the plan makes blocks nobody.
    pub fn blocks(&self) -> Option<Blocks> {
        let is_new = !self.tables.is_empty() && self.tables.iter().all(|table| table.is_new);
        match &self.cost {
            _ if is_new => Some(Blocks::Nothing),
            Cost::Accepted(_, blocks, _) => Some(*blocks),
            Cost::None if self.commits == Commits::AsItsContent => None,
            Cost::None | Cost::Dictionary | Cost::PassedOver(_) => Some(Blocks::Nothing),
            Cost::Unasked(_) | Cost::Fails(_) | Cost::Untried(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(rungs: &[Rung]) -> Vec<String> {
        let word = |rung: &Rung| format!("{} {}", rung.algorithm.word(), rung.lock.map_or("", Blocks::word));
        rungs.iter().map(|rung| word(rung).trim().to_owned()).collect()
    }

    #[test]
    fn the_ladder_begins_with_the_cheapest_and_respects_the_statement() {
        let mysql = ladder(Dialect::MySql, None, None);
        assert_eq!(
            words(&mysql),
            [
                "INSTANT",
                "INPLACE NONE",
                "INPLACE SHARED",
                "INPLACE EXCLUSIVE",
                "COPY NONE",
                "COPY SHARED",
                "COPY EXCLUSIVE"
            ]
        );
        assert_eq!(words(&ladder(Dialect::MySql, Some("INPLACE"), Some("NONE"))), ["INPLACE NONE"]);
        assert_eq!(
            words(&ladder(Dialect::MariaDb, Some("INPLACE"), Some("NONE"))),
            ["INSTANT", "NOCOPY NONE", "INPLACE NONE"]
        );
        assert_eq!(words(&ladder(Dialect::MariaDb, Some("COPY"), Some("EXCLUSIVE"))), ["COPY EXCLUSIVE"]);
    }
}
