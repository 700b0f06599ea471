//! What one statement does to tables and to the rows in them: what it removes, creates and renames. A clause that is not
//! understood is an effect that is not known, never silence. Whether there is any of it is asked of `stage` and of the server.

mod alter_table;
mod rows;
#[cfg(test)]
mod tests;

use crate::script::lexer::{Code, Kind as Token, Lexer, Modes};
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::{Name, leading, list};

/// Something that a statement removes of what is there, or may remove.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// A table with its rows: DROP, CREATE OR REPLACE.
    Table(Name),
    /// All rows of a table: TRUNCATE, DISCARD TABLESPACE, another engine that keeps none.
    AllRows(Name),
    /// Some rows of a table: DELETE.
    SomeRows(Name),
    /// Values of a table: UPDATE, REPLACE, ON DUPLICATE KEY UPDATE.
    Values(Name),
    /// Nothing by itself: rows are added, and what triggers do then is another question.
    AddsRows(Name),
    /// A column with its values.
    Column(Name, String),
    /// Values of a column that get another type: they may be cut or rounded.
    Converts(Name, String),
    /// A partition with its rows.
    Partition(Name, String),
    /// A database with all that is in it.
    Database(String),
    /// What a function does, if somebody has written one of that name.
    Calls(Name),
    /// What cannot be told from the text, and why.
    Unknown(String),
}

impl Removal {
    /// The table, as the statement names it.
    pub fn table(&self) -> Option<&Name> {
        match self {
            Removal::Table(name) | Removal::AllRows(name) | Removal::SomeRows(name) | Removal::Values(name) => {
                Some(name)
            }
            Removal::AddsRows(name) | Removal::Column(name, _) | Removal::Converts(name, _) => Some(name),
            Removal::Partition(name, _) => Some(name),
            Removal::Database(_) | Removal::Calls(_) | Removal::Unknown(_) => None,
        }
    }

    /// The column, as the statement names it.
    pub fn column(&self) -> Option<&str> {
        match self {
            Removal::Column(_, column) | Removal::Converts(_, column) => Some(column),
            Removal::Table(_) | Removal::AllRows(_) | Removal::SomeRows(_) | Removal::Values(_) => None,
            Removal::AddsRows(_) | Removal::Partition(..) | Removal::Database(_) => None,
            Removal::Calls(_) | Removal::Unknown(_) => None,
        }
    }
}

/// What one statement does to a column, beside removing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnChange {
    /// It is added.
    Adds(String),
    /// It gets a new name: old, new.
    Renames(String, String),
}

/// What one statement does to tables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effects {
    /// What it removes, or may remove.
    pub removes: Vec<Removal>,
    /// Tables that are there after it, if they were not before.
    pub creates: Vec<Name>,
    /// Tables that get a new name, one after the other: old, new.
    pub renames: Vec<(Name, Name)>,
    /// What it does to columns of a table.
    pub columns: Vec<(Name, ColumnChange)>,
    /// Tables whose rows it moves between partitions.
    pub repartitions: Vec<Name>,
    /// The stored function that it creates.
    pub function: Option<Name>,
    /// The temporary table that it creates.
    pub temporary: Option<Name>,
    /// The temporary tables that it drops.
    pub drops_temporary: Vec<Name>,
    /// Views, and tables that show the rows of others.
    pub creates_views: Vec<Name>,
    /// What the view that it creates reads from.
    pub view_reads: Vec<Name>,
    /// The functions that the view calls which it creates.
    pub view_calls: Vec<Name>,
    /// It is RENAME TABLE: on MySQL that renames what a temporary table hides.
    pub passes_temporary: bool,
    /// The table that it creates a trigger for.
    pub trigger: Option<Name>,
    /// It creates a foreign key that takes rows or values of its own table along.
    pub links: bool,
    /// What it reads from, where it holds a query; a view among them may call functions.
    pub reads: Vec<Name>,
    /// The database that names without one mean from now on.
    pub uses: Option<String>,
}

pub(crate) type Tokens<'a> = [(Token, &'a str)];

impl Effects {
    /// Of one statement, as its session reads it.
    pub fn of(sql: &str, modes: Modes) -> Effects {
        let mut effects = Effects::read(sql, modes);
        // Whether the server runs what stands in an executable comment depends on its version: both may be.
        if let Some(without) = without_executable_comments(sql, modes) {
            let other = Effects::read(&without, modes);
            let is_same = effects.without_removals() == other.without_removals();
            let more: Vec<Removal> = other.removes.into_iter().filter(|one| !effects.removes.contains(one)).collect();
            effects.removes.extend(more);
            if !is_same {
                effects.unknown("whether an executable comment runs depends on the server's version".to_owned());
            }
        }
        effects
    }

    fn without_removals(&self) -> Effects {
        Effects { removes: Vec::new(), ..self.clone() }
    }

    fn read(sql: &str, modes: Modes) -> Effects {
        let tokens: Vec<(Token, &str)> = Code::new(sql, modes).collect();
        let tokens = skip_parentheses(&tokens);
        let mut effects = Effects::default();
        if tokens.is_empty() {
            return effects;
        }
        match Kind::of(sql, modes) {
            Kind::Dml | Kind::LoadLocal => effects.rows(tokens),
            Kind::Call => effects.call(tokens),
            Kind::Session => effects.session(tokens),
            Kind::Ddl(ddl) => effects.ddl(&ddl, tokens),
            Kind::Maintenance if is(tokens, 0, "REPAIR") => {
                effects.unknown("REPAIR may remove rows that it cannot read".to_owned());
            }
            Kind::Maintenance | Kind::Global | Kind::Transaction(_) | Kind::Lock => {}
        }
        effects
    }

    /// A name may mean another table after it.
    pub fn changes_names(&self) -> bool {
        let drops = self.removes.iter().any(|one| matches!(one, Removal::Table(_) | Removal::Database(_)));
        let is_plain = Effects { removes: Vec::new(), reads: Vec::new(), ..self.clone() } == Effects::default();
        drops || !is_plain
    }

    fn unknown(&mut self, why: String) {
        self.removes.push(Removal::Unknown(why));
    }

    fn call(&mut self, tokens: &Tokens) {
        // MariaDB: SET STATEMENT a = 1 FOR DELETE …
        let inner = tokens.iter().position(|token| token.1.eq_ignore_ascii_case("FOR"));
        if let Some(inner) = inner.filter(|_| is(tokens, 0, "SET")) {
            return self.inner(&tokens[inner + 1..]);
        }
        let what = match tokens.get(1) {
            Some((Token::Word | Token::Quoted, name)) if is(tokens, 0, "CALL") => format!("what CALL {name} runs"),
            _ if is(tokens, 0, "EXECUTE") => "what EXECUTE runs".to_owned(),
            _ => "what a compound statement does".to_owned(),
        };
        self.unknown(format!("{what} is not known"));
    }

    /// A statement within another one.
    fn inner(&mut self, tokens: &Tokens) {
        const OF_ROWS: [&str; 8] = ["INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "VALUES", "DO"];
        match tokens.first() {
            Some((_, word)) if OF_ROWS.iter().any(|one| word.eq_ignore_ascii_case(one)) => self.rows(tokens),
            _ => self.unknown("what SET STATEMENT runs is not known".to_owned()),
        }
    }

    fn session(&mut self, tokens: &Tokens) {
        if is(tokens, 0, "USE") {
            self.uses = leading(tokens.get(1..).unwrap_or_default()).map(|(name, _)| name.name);
        }
        let table = tokens.iter().position(|token| is_any(&[*token], 0, &["TABLE", "TABLES"]));
        match table.map(|table| skip_if(&tokens[table + 1..])) {
            Some(named) if is(tokens, 0, "CREATE") => self.temporary = leading(named).map(|(name, _)| name),
            Some(named) if is(tokens, 0, "DROP") => self.drops_temporary = list(named),
            Some(_) | None => {}
        }
        self.calls(tokens, None);
        self.reads = read_by(tokens);
    }

    fn ddl(&mut self, ddl: &Ddl, tokens: &Tokens) {
        match ddl.verb.as_str() {
            "CREATE" => self.create(ddl, tokens),
            "DROP" => self.drop(ddl, tokens),
            "TRUNCATE" if ddl.targets.is_empty() => self.not_understood(tokens),
            "TRUNCATE" => self.removes.extend(ddl.targets.iter().cloned().map(Removal::AllRows)),
            "RENAME" if ddl.object == Object::Table => self.rename_tables(tokens),
            "ALTER" if ddl.object == Object::Table => self.alter_table(tokens),
            "ALTER" if is_known_object(ddl, tokens) => {}
            "RENAME" if ddl.object == Object::User => {}
            "GRANT" | "REVOKE" | "SET" | "FLUSH" | "INSTALL" | "UNINSTALL" | "CACHE" | "CHANGE" | "START" | "STOP"
            | "RESET" | "PURGE" | "SHOW" => {}
            _ => self.not_understood(tokens),
        }
    }

    fn not_understood(&mut self, tokens: &Tokens) {
        let words: Vec<&str> = tokens.iter().take(2).map(|token| token.1).collect();
        self.unknown(format!("`{}` is not understood", words.join(" ")));
    }

    fn create(&mut self, ddl: &Ddl, tokens: &Tokens) {
        match ddl.object {
            Object::Table => {
                if ddl.or_replace {
                    self.removes.extend(ddl.targets.iter().cloned().map(Removal::Table));
                }
                match shows_other_rows(tokens) {
                    true => self.creates_views.extend(ddl.targets.iter().cloned()),
                    false => self.creates.extend(ddl.targets.iter().cloned()),
                }
                self.links = takes_along(tokens);
                self.reads = read_by(tokens);
                self.calls(tokens, ddl.targets.first());
            }
            Object::Function => self.function = ddl.targets.first().cloned(),
            Object::Trigger => self.trigger = trigger_on(tokens),
            // MariaDB drops the database first, and a table of the sequence's name.
            Object::Database if ddl.or_replace => self.drop_database(ddl),
            Object::Sequence if ddl.or_replace => {
                self.removes.extend(ddl.targets.iter().cloned().map(Removal::Table));
            }
            Object::View => {
                self.creates_views.extend(ddl.targets.iter().cloned());
                self.view_reads = read_by(tokens);
                self.view_calls = rows::called(tokens, ddl.targets.first());
            }
            Object::Procedure | Object::Event | Object::Database => {}
            Object::User | Object::Index | Object::Sequence | Object::Package | Object::PackageBody => {}
            Object::Other if is_known_object(ddl, tokens) => {}
            Object::Other => self.not_understood(tokens),
        }
    }

    fn drop_database(&mut self, ddl: &Ddl) {
        self.removes.extend(ddl.targets.first().map(|name| Removal::Database(name.name.clone())));
    }

    fn drop(&mut self, ddl: &Ddl, tokens: &Tokens) {
        match ddl.object {
            Object::Table if ddl.targets.is_empty() => self.not_understood(tokens),
            Object::Table => self.removes.extend(ddl.targets.iter().cloned().map(Removal::Table)),
            Object::Database => self.drop_database(ddl),
            Object::View | Object::Procedure | Object::Function | Object::Trigger | Object::Event => {}
            Object::User | Object::Index | Object::Sequence | Object::Package | Object::PackageBody => {}
            Object::Other if is_known_object(ddl, tokens) => {}
            Object::Other => self.not_understood(tokens),
        }
    }

    /// `RENAME TABLE [IF EXISTS] a [WAIT n] TO b, …`
    fn rename_tables(&mut self, tokens: &Tokens) {
        self.passes_temporary = true;
        for pair in clauses(skip_if(tokens.get(2..).unwrap_or_default())) {
            let to = pair.iter().position(|token| token.0 == Token::Word && token.1.eq_ignore_ascii_case("TO"));
            let names = to.and_then(|to| Some((leading(&pair[..to])?.0, leading(&pair[to + 1..])?.0)));
            match names {
                Some(names) => self.renames.push(names),
                None => self.not_understood(tokens),
            }
        }
    }
}

/// The same text with blanks in place of its executable comments; nothing where it has none.
fn without_executable_comments(sql: &str, modes: Modes) -> Option<String> {
    if !sql.contains("/*!") && !sql.contains("/*M!") {
        return None;
    }
    let mut out = String::with_capacity(sql.len());
    let mut is_inside = false;
    for token in Lexer::new(sql, modes) {
        is_inside |= token.kind == Token::ExecOpen;
        out.push_str(if is_inside { " " } else { &sql[token.span.clone()] });
        is_inside &= token.kind != Token::ExecClose;
    }
    Some(out)
}

/// MERGE, and what is given by UNION.
fn shows_other_rows(tokens: &Tokens) -> bool {
    tokens.iter().any(|token| is_any(&[*token], 0, &["MERGE", "MRG_MYISAM"]))
        || tokens.windows(2).any(|two| is(two, 0, "UNION") && matches!(two[1].1, "=" | "("))
}

/// `CREATE TRIGGER g BEFORE INSERT ON t …`
fn trigger_on(tokens: &Tokens) -> Option<Name> {
    let on = tokens.iter().position(|token| is(&[*token], 0, "ON"))?;
    leading(&tokens[on + 1..]).map(|(table, _)| table)
}

/// `ON DELETE CASCADE`, `ON UPDATE SET NULL`, …
fn takes_along(tokens: &Tokens) -> bool {
    tokens.windows(3).any(|three| {
        is(three, 0, "ON") && is_any(three, 1, &["DELETE", "UPDATE"]) && is_any(three, 2, &["CASCADE", "SET"])
    })
}

/// The names in a query that may be views.
fn read_by(tokens: &Tokens) -> Vec<Name> {
    const QUERY: [&str; 2] = ["SELECT", "TABLE"];
    if !tokens.iter().any(|token| is_any(&[*token], 0, &QUERY)) {
        return Vec::new();
    }
    rows::mentioned(tokens)
}

/// Objects without rows, whose words `Ddl` does not tell apart.
fn is_known_object(ddl: &Ddl, tokens: &Tokens) -> bool {
    const OTHERS: [&str; 9] =
        ["SERVER", "TABLESPACE", "LOGFILE", "SPATIAL", "UNDO", "INSTANCE", "RESOURCE", "LIBRARY", "CATALOG"];
    let words = || tokens.iter().skip(1).take(8);
    ddl.object != Object::Other
        || words().any(|token| token.0 == Token::Word && OTHERS.iter().any(|word| token.1.eq_ignore_ascii_case(word)))
}

pub(crate) fn is(tokens: &Tokens, at: usize, word: &str) -> bool {
    tokens.get(at).is_some_and(|token| token.0 == Token::Word && token.1.eq_ignore_ascii_case(word))
}

fn is_any(tokens: &Tokens, at: usize, words: &[&str]) -> bool {
    words.iter().any(|word| is(tokens, at, word))
}

fn skip_parentheses<'t, 'a>(tokens: &'t Tokens<'a>) -> &'t Tokens<'a> {
    let open = tokens.iter().take_while(|token| **token == (Token::Punct, "(")).count();
    &tokens[open..]
}

/// Without these words in front, in any order.
fn skip_words<'t, 'a>(mut tokens: &'t Tokens<'a>, words: &[&str]) -> &'t Tokens<'a> {
    while is_any(tokens, 0, words) {
        tokens = &tokens[1..];
    }
    tokens
}

/// Without `IF EXISTS` or `IF NOT EXISTS` in front.
fn skip_if<'t, 'a>(tokens: &'t Tokens<'a>) -> &'t Tokens<'a> {
    match is(tokens, 0, "IF") && is_any(tokens, 1, &["NOT", "EXISTS"]) {
        true => skip_words(tokens, &["IF", "NOT", "EXISTS"]),
        false => tokens,
    }
}

/// The parts of a list, between its outer commas.
fn clauses<'t, 'a>(tokens: &'t Tokens<'a>) -> Vec<&'t Tokens<'a>> {
    let mut depth = 0_usize;
    let is_comma = |token: &(Token, &str)| {
        match *token {
            (Token::Punct, "(") => depth += 1,
            (Token::Punct, ")") => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == (Token::Punct, ",")
    };
    tokens.split(is_comma).collect()
}

/// The names of a list in parentheses, or without them.
fn names_of(tokens: &Tokens) -> Vec<Name> {
    list(skip_parentheses(tokens))
}
