//! Literals that are known as secrets by what stands behind them, or beside them in a list: `'…' = password`,
//! `SELECT '…' INTO @password`, `JSON_OBJECT('password', '…')`, `DECLARE password … DEFAULT '…'`.

use super::words::is_secret_name;
use std::ops::Range;

/// What of a statement has come so far.
#[derive(Default)]
pub(super) struct Around {
    /// Its literals that are no secrets so far.
    literals: Vec<Range<usize>>,
    compared: Compared,
    is_into: bool,
    declared: Declared,
    /// The depth of the parentheses in which names and values come in turn.
    pairs: Option<usize>,
}

/// How much of `'…' = u.password` has come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Compared {
    #[default]
    Nothing,
    Literal,
    Equals,
    Qualifier,
}

/// How much of `DECLARE password VARCHAR(20) DEFAULT '…'` has come.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Declared {
    #[default]
    Nothing,
    Declare,
    Secret,
}

impl Around {
    pub(super) fn literal(&mut self, span: Range<usize>) {
        self.literals.push(span);
        self.compared = Compared::Literal;
    }

    pub(super) fn sign(&mut self, sign: &str) {
        self.compared = match (self.compared, sign) {
            (Compared::Literal | Compared::Equals, "=") | (Compared::Qualifier, ".") => Compared::Equals,
            (Compared::Equals, "@" | ">") => Compared::Equals,
            (Compared::Literal, "<" | ">" | "!") => Compared::Literal,
            (Compared::Nothing | Compared::Literal | Compared::Equals | Compared::Qualifier, _) => Compared::Nothing,
        };
    }

    /// A word or a name; gives back the literals that it makes secrets.
    pub(super) fn name(&mut self, name: &str) -> Vec<Range<usize>> {
        let is = |sought: &str| name.eq_ignore_ascii_case(sought);
        if is_secret_name(name) {
            let was = std::mem::take(&mut self.compared);
            if self.declared == Declared::Declare {
                self.declared = Declared::Secret;
            }
            return match was {
                _ if self.is_into => std::mem::take(&mut self.literals),
                Compared::Equals => self.literals.pop().into_iter().collect(),
                Compared::Nothing | Compared::Literal | Compared::Qualifier => Vec::new(),
            };
        }
        self.compared = match self.compared {
            Compared::Equals => Compared::Qualifier,
            Compared::Nothing | Compared::Literal | Compared::Qualifier => Compared::Nothing,
        };
        self.is_into =
            is("INTO") || self.is_into && !["FROM", "SELECT", "SET", "VALUES", "WHERE"].iter().any(|w| is(w));
        if is("DECLARE") {
            self.declared = Declared::Declare;
        }
        Vec::new()
    }

    /// Whether the value of a secret comes now.
    pub(super) fn is_default_of_a_secret(&self, word: &str) -> bool {
        self.declared == Declared::Secret && word.eq_ignore_ascii_case("DEFAULT")
    }

    /// Behind the name of a function.
    pub(super) fn open(&mut self, function: &str, depth: usize) {
        const OF_PAIRS: [&str; 8] = [
            "JSON_OBJECT",
            "JSON_OBJECTAGG",
            "JSON_SET",
            "JSON_INSERT",
            "JSON_REPLACE",
            "JSON_ARRAY_APPEND",
            "COLUMN_CREATE",
            "COLUMN_ADD",
        ];
        if self.pairs.is_none() && OF_PAIRS.iter().any(|one| function.eq_ignore_ascii_case(one)) {
            self.pairs = Some(depth);
        }
    }

    pub(super) fn close(&mut self, depth: usize) {
        self.pairs = self.pairs.filter(|from| depth > *from);
    }

    /// Whether a literal is the name of a secret, whose value comes next: `'password'`, `'$.user.password'`.
    pub(super) fn is_key(&self, content: &str) -> bool {
        let last = content.rsplit('.').next().unwrap_or_default();
        self.pairs.is_some() && is_secret_name(last.trim_matches('"'))
    }
}
