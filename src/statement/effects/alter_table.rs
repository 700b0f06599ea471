//! ALTER TABLE, clause by clause.

use crate::script::lexer::Kind as Token;
use crate::statement::effects::{
    ColumnChange, Effects, Removal, Tokens, clauses, is, is_any, names_of, skip_if, skip_words,
};
use crate::statement::names::{Name, leading, unquote};

impl Effects {
    pub(super) fn alter_table(&mut self, tokens: &Tokens) {
        let word = tokens.iter().position(|token| token.0 == Token::Word && token.1.eq_ignore_ascii_case("TABLE"));
        let Some((table, rest)) = word.and_then(|word| leading(skip_if(&tokens[word + 1..]))) else {
            return self.unknown("an ALTER TABLE is not understood".to_owned());
        };
        // MariaDB: an index that is added to a table with IGNORE removes the rows that it does not take.
        if tokens[..word.unwrap_or_default()].iter().any(|token| token.1.eq_ignore_ascii_case("IGNORE")) {
            self.removes.push(Removal::SomeRows(table.clone()));
        }
        let rest = match rest {
            [wait, _, rest @ ..] if is(&[*wait], 0, "WAIT") => rest,
            _ => skip_words(rest, &["NOWAIT"]),
        };
        self.links = super::takes_along(rest);
        if moves_rows_between_partitions(rest) {
            self.repartitions.push(table.clone());
        }
        let clauses = clauses(rest);
        // `DROP PARTITION p0, p1` stands alone, too.
        for (index, clause) in clauses.iter().enumerate().filter(|(_, clause)| !clause.is_empty()) {
            if is_any(clause, 0, &["DROP", "TRUNCATE"]) && is(clause, 1, "PARTITION") {
                let before: usize = clauses[..index].iter().map(|clause| clause.len() + 1).sum();
                return self.partitions(&table, &rest[before..]);
            }
            self.clause(&table, clause);
            if is_any(clause, 0, OF_PARTITIONS) && is(clause, 1, "PARTITION") {
                return;
            }
        }
    }

    /// `DROP PARTITION [IF EXISTS] p0, p1`, `TRUNCATE PARTITION ALL`
    fn partitions(&mut self, table: &Name, rest: &Tokens) {
        let named = skip_if(&rest[2..]);
        if is(named, 0, "ALL") {
            return self.removes.push(Removal::AllRows(table.clone()));
        }
        self.removes.extend(names_of(named).into_iter().map(|name| Removal::Partition(table.clone(), name.name)));
    }

    fn clause(&mut self, table: &Name, clause: &Tokens) {
        let verb = clause[0].1.to_ascii_uppercase();
        let rest = &clause[1..];
        match verb.as_str() {
            "ADD" => self.add(table, skip_words(rest, &["COLUMN"])),
            "DROP" => self.drop_part(table, rest),
            "CHANGE" => self.change(table, skip_if(skip_words(rest, &["COLUMN"]))),
            "MODIFY" => self.modify(table, skip_if(skip_words(rest, &["COLUMN"]))),
            "RENAME" => self.rename_part(table, rest),
            "DISCARD" | "IMPORT" => self.removes.push(Removal::AllRows(table.clone())),
            "EXCHANGE" => self.unknown(format!("EXCHANGE PARTITION changes the rows of `{}` for others", table.name)),
            "CONVERT" if is_any(rest, 0, &["PARTITION", "TABLE"]) => {
                self.unknown(format!("CONVERT moves rows between `{}` and another table", table.name));
            }
            "CONVERT" => self.removes.push(Removal::Converts(table.clone(), String::new())),
            "UNION" => self.unknown(format!("UNION changes which rows `{}` shows", table.name)),
            "ALTER" | "FORCE" | "ORDER" | "ENABLE" | "DISABLE" | "WITH" | "WITHOUT" | "REORGANIZE" | "COALESCE"
            | "REBUILD" | "REPAIR" | "OPTIMIZE" | "ANALYZE" | "CHECK" | "REMOVE" | "PARTITION" | "SECONDARY_LOAD"
            | "SECONDARY_UNLOAD" => {}
            _ => self.option(table, clause),
        }
    }

    /// Options of a table, which need no commas between them.
    fn option(&mut self, table: &Name, clause: &Tokens) {
        let engine = clause.iter().position(|token| is(&[*token], 0, "ENGINE")).and_then(|at| {
            let behind = &clause[at + 1..];
            behind.iter().find(|token| **token != (Token::Punct, "=")).map(|token| token.1)
        });
        let keeps_rows = |engine: &str| {
            let engine = engine.trim_matches(['\'', '"', '`']);
            ENGINES.iter().any(|known| engine.eq_ignore_ascii_case(known))
        };
        if engine.is_some_and(|engine| !keeps_rows(engine)) {
            return self.removes.push(Removal::AllRows(table.clone()));
        }
        if clause.iter().any(|token| is(&[*token], 0, "UNION")) {
            return self.unknown(format!("UNION changes which rows `{}` shows", table.name));
        }
        if !is_any(clause, 0, OPTIONS) {
            self.unknown(format!("the clause `{}` of ALTER TABLE is not understood", clause[0].1));
        }
    }

    /// After ADD, or one entry of `ADD (…, …)`.
    fn add(&mut self, table: &Name, rest: &Tokens) {
        if let [(Token::Punct, "("), list @ ..] = rest {
            let end = list.iter().rposition(|token| token.1 == ")").unwrap_or(list.len());
            return clauses(&list[..end]).into_iter().for_each(|entry| self.add(table, entry));
        }
        const PARTS: &[&str] = &[
            "INDEX",
            "KEY",
            "UNIQUE",
            "FULLTEXT",
            "SPATIAL",
            "CONSTRAINT",
            "PRIMARY",
            "FOREIGN",
            "CHECK",
            "PARTITION",
            "PERIOD",
            "SYSTEM",
            "VECTOR",
        ];
        // With IF NOT EXISTS it may be there already, with its values.
        if is_any(rest, 0, PARTS) || is(rest, 0, "IF") {
            return;
        }
        self.columns.extend(rest.first().map(|(_, name)| (table.clone(), ColumnChange::Adds(unquote(name)))));
    }

    fn drop_part(&mut self, table: &Name, rest: &Tokens) {
        const PARTS: &[&str] = &["INDEX", "KEY", "PRIMARY", "FOREIGN", "CONSTRAINT", "CHECK"];
        if is_any(rest, 0, PARTS) || is(rest, 0, "PERIOD") && is(rest, 1, "FOR") {
            return;
        }
        if is(rest, 0, "SYSTEM") && is(rest, 1, "VERSIONING") {
            return self.unknown(format!("the history of the rows of `{}` goes, and is not counted", table.name));
        }
        match skip_if(skip_words(rest, &["COLUMN"])) {
            [(Token::Word | Token::Quoted, name), ..] => {
                self.removes.push(Removal::Column(table.clone(), unquote(name)));
            }
            _ => self.unknown("a DROP in an ALTER TABLE is not understood".to_owned()),
        }
    }

    /// `CHANGE old new definition`
    fn change(&mut self, table: &Name, rest: &Tokens) {
        let [(_, old), (_, new), definition @ ..] = rest else {
            return self.unknown("a CHANGE in an ALTER TABLE is not understood".to_owned());
        };
        self.retype(table, &unquote(old), definition);
        if !unquote(old).eq_ignore_ascii_case(&unquote(new)) {
            self.columns.push((table.clone(), ColumnChange::Renames(unquote(old), unquote(new))));
        }
    }

    fn modify(&mut self, table: &Name, rest: &Tokens) {
        match rest {
            [(_, column), definition @ ..] => self.retype(table, &unquote(column), definition),
            [] => self.unknown("a MODIFY in an ALTER TABLE is not understood".to_owned()),
        }
    }

    /// What becomes a computed column loses its values.
    fn retype(&mut self, table: &Name, column: &str, definition: &Tokens) {
        let is_computed = definition.windows(2).any(|two| is(two, 0, "AS") && two[1] == (Token::Punct, "("));
        let removal = if is_computed { Removal::Column } else { Removal::Converts };
        self.removes.push(removal(table.clone(), column.to_owned()));
    }

    fn rename_part(&mut self, table: &Name, rest: &Tokens) {
        if is_any(rest, 0, &["INDEX", "KEY", "CONSTRAINT"]) {
            return;
        }
        if is(rest, 0, "COLUMN") {
            return match skip_if(&rest[1..]) {
                [(_, old), _, (_, new), ..] => {
                    self.columns.push((table.clone(), ColumnChange::Renames(unquote(old), unquote(new))));
                }
                _ => self.unknown("a RENAME COLUMN is not understood".to_owned()),
            };
        }
        let named = rest.strip_prefix(&[(Token::Punct, "=")]).unwrap_or(skip_words(rest, &["TO", "AS"]));
        match leading(named) {
            Some((new, _)) => self.renames.push((table.clone(), new)),
            None => self.unknown("a RENAME in an ALTER TABLE is not understood".to_owned()),
        }
    }
}

/// The same name may mean other rows after `REORGANIZE PARTITION`, `PARTITION BY` and `ADD PARTITION PARTITIONS 2`.
fn moves_rows_between_partitions(clauses: &Tokens) -> bool {
    clauses.windows(2).any(|two| {
        is(two, 0, "REORGANIZE") && is(two, 1, "PARTITION")
            || is(two, 0, "PARTITION") && is_any(two, 1, &["BY", "PARTITIONS"])
            || is(two, 0, "COALESCE") && is(two, 1, "PARTITION")
    })
}

/// They stand alone: what follows their commas are further partitions.
const OF_PARTITIONS: &[&str] =
    &["REORGANIZE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK", "REPAIR", "DISCARD", "IMPORT"];

/// The engines that keep the rows of a table which is changed to them. BLACKHOLE keeps none, MERGE shows those of others.
const ENGINES: [&str; 12] = [
    "InnoDB",
    "MyISAM",
    "Aria",
    "MEMORY",
    "HEAP",
    "CSV",
    "ARCHIVE",
    "RocksDB",
    "TokuDB",
    "NDB",
    "NDBCLUSTER",
    "ColumnStore",
];

/// The first words of the options of a table that leave its rows as they are; from both manuals, `ALTER TABLE`.
#[rustfmt::skip]
const OPTIONS: &[&str] = &[
    "ALGORITHM", "LOCK", "ENGINE", "TYPE", "COMMENT", "AUTO_INCREMENT", "AUTOEXTEND_SIZE", "AVG_ROW_LENGTH", "DEFAULT",
    "CHARSET", "CHARACTER", "COLLATE", "CHECKSUM", "COMPRESSION", "CONNECTION", "DATA", "DELAY_KEY_WRITE", "ENCRYPTION",
    "ENCRYPTED", "ENCRYPTION_KEY_ID", "ENGINE_ATTRIBUTE", "IETF_QUOTES", "INDEX", "INSERT_METHOD", "KEY_BLOCK_SIZE",
    "MAX_ROWS", "MIN_ROWS", "PACK_KEYS", "PAGE_CHECKSUM", "PAGE_COMPRESSED", "PAGE_COMPRESSION_LEVEL", "PASSWORD",
    "ROW_FORMAT", "SECONDARY_ENGINE", "SECONDARY_ENGINE_ATTRIBUTE", "SEQUENCE", "START", "STATS_AUTO_RECALC",
    "STATS_PERSISTENT", "STATS_SAMPLE_PAGES", "TABLESPACE", "STORAGE", "TRANSACTIONAL", "TABLE_CHECKSUM",
];
