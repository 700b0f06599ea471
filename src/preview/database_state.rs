//! What there is now, for `plan`: tables, their sizes, who refers to them, who uses them. Reads only, and waits for nobody
//! longer than a few seconds; a right that is missing is an answer, too.

use crate::cost::estimate::{Blocker, Count, Size};
use crate::db::flavour::Flavour;
use crate::db::server::Server;
use crate::db::{packet, quote};
use crate::statement::secrets;
use mysql::{Conn, Row};
use std::collections::{BTreeMap, BTreeSet};

/// MySQL reads the dictionary of every table for a row of INNODB_TABLES: 13 s at 10,000.
const TABLESPACES_AT_MOST: u64 = 3_000;

/// What there is.
pub struct Stock {
    /// The session that reads; it never writes.
    pub conn: Conn,
    /// What the server is.
    pub server: Server,
    /// Its views and sequences.
    pub others: BTreeSet<String>,
    /// The databases that the account sees.
    pub schemas: BTreeSet<String>,
    /// Child and parent of each foreign key within the database; read when it is needed.
    links: Option<Vec<(String, String)>>,
    functions: Option<BTreeSet<String>>,
    inner: Option<Inner>,
    leftovers: Option<bool>,
}

/// InnoDB's own columns and row versions: name of the file -> both. Or why they cannot be read.
type Inner = Result<BTreeMap<String, (u64, u64)>, String>;

impl Stock {
    /// Looks around.
    pub fn look(mut conn: Conn, server: Server) -> mysql::Result<Stock> {
        let fresh = match server.flavour {
            // MySQL answers from yesterday's statistics otherwise.
            Flavour::MySql => ", information_schema_stats_expiry = 0",
            Flavour::MariaDb => "",
        };
        packet::tell(&mut conn, &format!("SET SESSION lock_wait_timeout = 5{fresh}"))?;
        let sets = packet::ask(&mut conn, "SHOW FULL TABLES; SELECT SCHEMA_NAME FROM information_schema.SCHEMATA")?;
        let is_base = |row: &&Row| matches!(packet::word(row, 1).as_str(), "BASE TABLE" | "SYSTEM VERSIONED");
        let others = sets[0].iter().filter(|row| !is_base(row));
        Ok(Stock {
            others: others.map(|row| packet::word(row, 0)).collect(),
            schemas: sets[1].iter().map(|row| packet::word(row, 0)).collect(),
            conn,
            server,
            links: None,
            functions: None,
            inner: None,
            leftovers: None,
        })
    }

    /// The database.
    pub fn schema(&self) -> &str {
        &self.server.database
    }

    /// Rows and bytes of a table.
    pub fn size(&mut self, table: &str) -> Option<Size> {
        let question = format!(
            "SELECT TABLE_ROWS, COALESCE(DATA_LENGTH, 0) + COALESCE(INDEX_LENGTH, 0), ENGINE \
             FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
            quote::text(self.schema()),
            quote::text(table)
        );
        let answer = self.maybe(&question)?;
        let row = answer.first()?;
        Some(Size { rows: packet::number(row, 0), bytes: packet::number(row, 1), engine: packet::word(row, 2) })
    }

    /// Rows and bytes of these partitions.
    pub fn size_of_partitions(&mut self, table: &str, partitions: &[String]) -> Option<Size> {
        let list: Vec<String> = partitions.iter().map(|name| quote::text(name)).collect();
        let question = format!(
            "SELECT SUM(TABLE_ROWS), SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.PARTITIONS \
             WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {} AND PARTITION_NAME IN ({})",
            quote::text(self.schema()),
            quote::text(table),
            list.join(", ")
        );
        let answer = self.maybe(&question)?;
        let row = answer.first()?;
        Some(Size { rows: packet::number(row, 0), bytes: packet::number(row, 1), engine: String::new() })
    }

    /// A lack of rights, or of the thing asked for, is no failure.
    fn maybe(&mut self, question: &str) -> Option<Vec<Row>> {
        match packet::ask(&mut self.conn, question) {
            Ok(mut sets) => Some(sets.swap_remove(0)),
            Err(error) => {
                log::debug!("{question}: {error}");
                None
            }
        }
    }

    /// The tables with foreign keys to this one.
    pub fn referenced_by(&mut self, table: &str) -> Vec<String> {
        if self.links.is_none() {
            let question = format!(
                "SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS \
                 WHERE CONSTRAINT_SCHEMA = {0} AND UNIQUE_CONSTRAINT_SCHEMA = {0}",
                quote::text(self.schema())
            );
            let rows = self.maybe(&question).unwrap_or_default();
            self.links = Some(rows.iter().map(|row| (packet::word(row, 0), packet::word(row, 1))).collect());
        }
        let same = |a: &str| if self.server.folds_names { a.eq_ignore_ascii_case(table) } else { a == table };
        let children = self.links.iter().flatten().filter(|(child, parent)| same(parent) && !same(child));
        children.map(|(child, _)| child.clone()).collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// SHOW CREATE TABLE.
    pub fn create_text(&mut self, schema: &str, table: &str) -> mysql::Result<String> {
        let answer = packet::ask(&mut self.conn, &format!("SHOW CREATE TABLE {}", quote::table(schema, table)))?;
        Ok(answer[0].first().map(|row| packet::word(row, 1)).unwrap_or_default())
    }

    /// The row versions of a table: the highest of its partitions.
    pub fn row_versions(&mut self, table: &str) -> Result<u64, String> {
        let file = format!("{}/{table}", self.schema()).to_lowercase();
        let is_of =
            |name: &str| name.strip_prefix(&file).is_some_and(|rest| rest.is_empty() || rest.starts_with("#p#"));
        let inner = self.inner().as_ref().map_err(Clone::clone)?;
        Ok(inner.iter().filter(|(name, _)| is_of(name)).map(|(_, (_, versions))| *versions).max().unwrap_or(0))
    }

    /// How many row versions the server takes.
    pub fn row_versions_at_most(&self) -> u64 {
        let mut numbers =
            self.server.version.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse::<u64>().ok());
        let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if version >= (9, 1) { 255 } else { 64 }
    }

    /// MySQL: all tables of the database at once, since one costs as much.
    fn inner(&mut self) -> &Inner {
        if self.inner.is_none() {
            self.inner = Some(self.read_inner());
        }
        self.inner.as_ref().expect("read above")
    }

    fn read_inner(&mut self) -> Inner {
        let count = "SELECT COUNT(*) FROM information_schema.INNODB_TABLESPACES_BRIEF";
        let Some(rows) = self.maybe(count) else { return Err("the account lacks PROCESS".to_owned()) };
        let tablespaces = rows.first().map_or(0, |row| packet::number(row, 0));
        if tablespaces > TABLESPACES_AT_MOST {
            return Err(format!("the server has {tablespaces} tablespaces, and would need many seconds to tell"));
        }
        let question = format!(
            "SELECT LOWER(NAME), N_COLS, TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE NAME LIKE {}",
            quote::text(&format!("{}/%", self.schema().replace('_', "\\_")))
        );
        let rows = self.maybe(&question).ok_or_else(|| "the server does not tell them".to_owned())?;
        let entry = |row: &Row| (packet::word(row, 0), (packet::number(row, 1), packet::number(row, 2)));
        Ok(rows.iter().map(entry).collect())
    }

    /// Whether any table of the database had a FULLTEXT index, or has one: InnoDB keeps tables beside it then.
    pub fn has_fulltext(&mut self) -> bool {
        if self.leftovers.is_none() {
            let view = match self.server.flavour {
                Flavour::MariaDb => "INNODB_SYS_TABLESPACES",
                Flavour::MySql => "INNODB_TABLESPACES_BRIEF",
            };
            let file = format!("{}/fts\\_0%", self.schema().replace('_', "\\_"));
            let question = format!(
                "SELECT 1 FROM information_schema.{view} WHERE LOWER(NAME) LIKE LOWER({}) LIMIT 1",
                quote::text(&file)
            );
            self.leftovers = Some(self.maybe(&question).is_some_and(|rows| !rows.is_empty()));
        }
        self.leftovers == Some(true)
    }

    /// InnoDB's count of a table's columns, its own included. Asked only where there was a FULLTEXT index.
    pub fn inner_columns(&mut self, schema: &str, table: &str) -> Option<u64> {
        let (view, name) = match self.server.flavour {
            Flavour::MariaDb => {
                let file = |name: &str| format!("CAST(CONVERT({} USING filename) AS CHAR)", quote::text(name));
                ("INNODB_SYS_TABLES", format!("NAME = CONCAT({}, '/', {})", file(schema), file(table)))
            }
            Flavour::MySql => {
                self.inner().as_ref().ok()?;
                ("INNODB_TABLES", format!("NAME = {}", quote::text(&format!("{schema}/{table}"))))
            }
        };
        let rows = self.maybe(&format!("SELECT N_COLS FROM information_schema.{view} WHERE {name}"))?;
        rows.first().map(|row| packet::number(row, 0))
    }

    /// The stored functions of the database.
    pub fn functions(&mut self) -> &BTreeSet<String> {
        if self.functions.is_none() {
            let question = format!(
                "SELECT LOWER(ROUTINE_NAME) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = {}",
                quote::text(self.schema())
            );
            let rows = self.maybe(&question).unwrap_or_default();
            self.functions = Some(rows.iter().map(|row| packet::word(row, 0)).collect());
        }
        self.functions.as_ref().expect("read above")
    }

    /// EXPLAIN's estimate of the rows that a statement reads. It runs nothing; what the optimizer might evaluate is rolled
    /// back.
    pub fn estimate(&mut self, text: &str) -> Count {
        let explain = match self.server.flavour {
            Flavour::MariaDb => "EXPLAIN",
            Flavour::MySql => "EXPLAIN FORMAT=TRADITIONAL",
        };
        let answer = packet::tell(&mut self.conn, "START TRANSACTION")
            .and_then(|_| packet::ask(&mut self.conn, &format!("{explain} {text}")));
        // A lost session has rolled back already.
        let _ = packet::tell(&mut self.conn, "ROLLBACK");
        match answer {
            Ok(sets) => rows_of_plan(&sets[0]),
            Err(error) => {
                log::debug!("EXPLAIN {}: {error}", secrets::cut(text));
                Count::Unknown
            }
        }
    }

    /// Who uses tables of the database now, by its metadata locks. Where the server does not tell them, every open
    /// transaction may; an error says that the account may not see that either. Thread 0 of MariaDB is InnoDB's purge, which
    /// opens a table for a moment: nobody can end it, and nothing waits for it for long.
    pub fn users(&mut self) -> Result<Vec<Blocker>, String> {
        let schema = quote::text(self.schema());
        let locks = match self.server.flavour {
            Flavour::MySql => format!(
                "SELECT l.OBJECT_NAME, t.PROCESSLIST_ID, CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST), \
                 MAX(t.PROCESSLIST_TIME), MAX(COALESCE(t.PROCESSLIST_INFO, s.SQL_TEXT)) \
                 FROM performance_schema.metadata_locks l \
                 JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID \
                 LEFT JOIN performance_schema.events_statements_current s ON s.THREAD_ID = t.THREAD_ID \
                 WHERE l.OBJECT_TYPE = 'TABLE' AND l.LOCK_STATUS = 'GRANTED' AND l.OBJECT_SCHEMA = {schema} \
                 AND t.PROCESSLIST_ID <> CONNECTION_ID() GROUP BY 1, 2, 3 ORDER BY 1, 2"
            ),
            Flavour::MariaDb => format!(
                "SELECT l.TABLE_NAME, l.THREAD_ID, MAX(CONCAT(p.USER, '@', p.HOST)), MAX(p.TIME), MAX(p.INFO) \
                 FROM information_schema.METADATA_LOCK_INFO l LEFT JOIN information_schema.PROCESSLIST p ON p.ID = l.THREAD_ID \
                 WHERE l.LOCK_TYPE = 'Table metadata lock' AND l.TABLE_SCHEMA = {schema} \
                 AND l.THREAD_ID NOT IN (0, CONNECTION_ID()) GROUP BY 1, 2 ORDER BY 1, 2"
            ),
        };
        if let Some(rows) = self.maybe(&locks) {
            return Ok(rows.iter().map(blocker).collect());
        }
        let transactions = "SELECT NULL, p.ID, CONCAT(p.USER, '@', p.HOST), TIMESTAMPDIFF(SECOND, x.TRX_STARTED, NOW()), \
             x.TRX_QUERY FROM information_schema.INNODB_TRX x \
             JOIN information_schema.PROCESSLIST p ON p.ID = x.TRX_MYSQL_THREAD_ID \
             WHERE p.ID <> CONNECTION_ID() ORDER BY x.TRX_STARTED";
        match self.maybe(transactions) {
            Some(rows) => Ok(rows.iter().map(blocker).collect()),
            None => Err(match self.server.flavour {
                Flavour::MySql => "GRANT SELECT ON performance_schema.* TO".to_owned(),
                Flavour::MariaDb => "GRANT PROCESS ON *.* TO".to_owned(),
            }),
        }
    }
}

fn blocker(row: &Row) -> Blocker {
    Blocker {
        table: packet::maybe_word(row, 0),
        connection: packet::number(row, 1),
        account: packet::word(row, 2),
        seconds: packet::number(row, 3),
        doing: packet::maybe_word(row, 4),
    }
}

/// The outermost query's tables are joined, so their rows multiply.
fn rows_of_plan(rows: &[Row]) -> Count {
    let column = |row: &Row, name: &str| {
        row.columns_ref().iter().position(|column| column.name_str().eq_ignore_ascii_case(name))
    };
    let mut product = None::<u64>;
    for row in rows {
        let (Some(id), Some(rows)) = (column(row, "id"), column(row, "rows")) else { continue };
        if packet::number(row, id) == 1
            && let Some(rows) = packet::maybe_word(row, rows).and_then(|rows| rows.parse::<u64>().ok())
        {
            product = Some(product.unwrap_or(1).saturating_mul(rows));
        }
    }
    product.map_or(Count::Unknown, Count::About)
}
