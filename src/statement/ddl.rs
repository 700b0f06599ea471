//! What recovery must know of a statement that the server cannot undo: what it does to which kind of object.

use crate::script::lexer::Modes;
use crate::statement::Statement;
use crate::statement::cursor::{Cursor, Span, Token, commas};
use crate::statement::names::Name;
use crate::statement::redefine;
use crate::statement::tree::{self, AlterTable, Change, Form, Guard, ObjectKind, OptionKind, Place, Source, Verb};

/// The parts of a DDL statement that decide how its outcome is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ddl {
    /// The first word, in upper case.
    pub verb: String,
    /// What kind of object it is about.
    pub object: Object,
    /// `IF EXISTS` behind the kind of object.
    pub if_exists: bool,
    /// `IF NOT EXISTS` behind the kind of object.
    pub if_not_exists: bool,
    /// `CREATE OR REPLACE`.
    pub or_replace: bool,
    /// RENAME TABLE, or an ALTER that gives the object itself a new name.
    pub is_rename: bool,
    /// An ALTER that takes something away and adds or changes something, or may swap columns: running it twice is not running
    /// it once, and the definition may be as it was.
    pub drops_and_adds: bool,
    /// An ALTER TABLE that cannot leave the definition as it was: it drops or adds what it does not bring back or take away.
    pub redefines: bool,
    /// The tables and views that alone tell whether it took effect: by being there, or by their definitions. Where it leaves
    /// both as they were, running it again does so, too. Empty where more than these must be looked at.
    pub shows_in: Vec<Name>,
    /// A DROP, or a statement about accounts, of more than one object: MariaDB may do a part of it.
    pub multi_object: bool,
    /// An ALTER or a RENAME of more than one clause; ALGORITHM and LOCK are none.
    pub several_clauses: bool,
    /// The objects named behind the kind of object, in order: all of a list, the first otherwise.
    pub targets: Vec<Name>,
}

/// A kind of object in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Object {
    Table,
    View,
    Procedure,
    Function,
    Trigger,
    Event,
    Database,
    /// Users and roles, and what is granted to them.
    User,
    Index,
    Sequence,
    /// Of MariaDB: what a package offers.
    Package,
    /// And how it does it.
    PackageBody,
    Other,
}

impl From<ObjectKind> for Object {
    fn from(kind: ObjectKind) -> Object {
        match kind {
            ObjectKind::Table => Object::Table,
            ObjectKind::Index => Object::Index,
            ObjectKind::View => Object::View,
            ObjectKind::Sequence => Object::Sequence,
            ObjectKind::Trigger => Object::Trigger,
            ObjectKind::Procedure => Object::Procedure,
            ObjectKind::Function => Object::Function,
            ObjectKind::Event => Object::Event,
            ObjectKind::Package => Object::Package,
            ObjectKind::PackageBody => Object::PackageBody,
            ObjectKind::Database => Object::Database,
            ObjectKind::Account => Object::User,
            ObjectKind::Server | ObjectKind::Tablespace | ObjectKind::Administrative | ObjectKind::Other => {
                Object::Other
            }
        }
    }
}

/// Whether a CREATE TABLE asks for no other engine than InnoDB, by name or like another table.
pub fn suits_innodb(sql: &str, modes: Modes) -> bool {
    let tree = Statement::parse(sql, modes);
    let Form::CreateTable(new) = &tree.form else { return false };
    let is_innodb = |token: Option<&Token>| token.is_some_and(|engine| engine.literal().eq_ignore_ascii_case("InnoDB"));
    let named = new.options.iter().filter(|option| option.kind == OptionKind::Engine);
    // Of a partition.
    let mut partitions = Cursor::new(&tree.tokens[new.partitions.clone().unwrap_or_default()]);
    let mut suits = !matches!(new.source, Source::Like(_));
    while let Some(token) = partitions.next() {
        if token.is_word("ENGINE") {
            partitions.eat_punct("=");
            suits &= is_innodb(partitions.peek());
        }
    }
    suits && named.map(|option| &tree.tokens[option.value.clone()]).all(|value| is_innodb(value.first()))
}

impl Ddl {
    /// Reads a statement that is known to be no other kind.
    pub(crate) fn of(sql: &str, modes: Modes) -> Ddl {
        Ddl::read(&Statement::parse(sql, modes))
    }

    pub(crate) fn read(tree: &Statement) -> Ddl {
        let tokens = &tree.tokens[tree.start.min(tree.tokens.len())..];
        let verb = tokens.first().map_or_else(String::new, |token| token.text.to_ascii_uppercase());
        let mut ddl = Ddl {
            object: Object::Table,
            if_exists: false,
            if_not_exists: false,
            or_replace: false,
            is_rename: false,
            drops_and_adds: false,
            redefines: false,
            shows_in: Vec::new(),
            multi_object: verb == "DROP" && commas(tokens, 0).len() > 1,
            several_clauses: false,
            targets: Vec::new(),
            verb,
        };
        match &tree.form {
            Form::CreateTable(new) => {
                ddl.is_about(&[new.table], new.guard);
                ddl.or_replace = new.or_replace;
            }
            Form::AlterTable(alter) => ddl.alter_table(tree, alter),
            Form::DropTable(drop) => ddl.is_about(&drop.tables, drop.guard),
            Form::RenameTables(rename) => {
                ddl.is_rename = true;
                ddl.several_clauses = commas(tokens, 0).len() > 1;
                ddl.is_about(&[rename.pairs[0].0], rename.guard);
            }
            Form::Truncate(table) => ddl.is_about(&[*table], Guard::None),
            Form::CreateIndex(new) => {
                ddl.index(new.name, new.guard, new.table.plain());
                ddl.or_replace = new.or_replace;
            }
            Form::DropIndex(old) => ddl.index(old.name, old.guard, old.table.plain()),
            Form::Object(object) if object.object != ObjectKind::Other => {
                ddl.object = object.object.into();
                ddl.or_replace = object.or_replace;
                ddl.is_about(&object.names, object.guard);
                ddl.multi_object |= ddl.object == Object::User && commas(tokens, 0).len() > 1;
                if object.verb == Verb::Alter {
                    ddl.is_rename = tokens.iter().any(|token| token.is_word("RENAME"));
                    let has = |words: &[&str]| tokens.iter().any(|token| token.is_any(words));
                    ddl.drops_and_adds = has(&["DROP"]) && has(&["ADD", "MODIFY"]);
                }
            }
            Form::Rights => {
                ddl.object = Object::User;
                ddl.multi_object = has_several_grantees(tokens);
            }
            Form::Object(_)
            | Form::Set(_)
            | Form::SetStatement(_)
            | Form::Use(_)
            | Form::Dml(_)
            | Form::Load(_)
            | Form::Call(_)
            | Form::Execute(_)
            | Form::Prepare(_)
            | Form::Deallocate(_)
            | Form::Compound
            | Form::Transaction(_)
            | Form::Lock
            | Form::Maintenance(_)
            | Form::Show
            | Form::Diagnostics
            | Form::Other => {
                ddl.object = Object::Other;
                let mut cursor = Cursor::new(tokens);
                cursor.next();
                ddl.targets = cursor.names().iter().map(tree::Name::plain).collect();
            }
        }
        let shows = matches!(ddl.object, Object::Table | Object::View);
        if shows && (ddl.verb == "CREATE" || ddl.verb == "DROP") {
            ddl.shows_in = ddl.targets.clone();
        }
        if ddl.or_replace {
            ddl.shows_in.clear();
        }
        ddl
    }

    fn is_about(&mut self, names: &[tree::Name], guard: Guard) {
        self.targets = names.iter().map(tree::Name::plain).collect();
        self.if_exists = guard == Guard::IfExists;
        self.if_not_exists = guard == Guard::IfNotExists;
    }

    fn index(&mut self, name: tree::Ident, guard: Guard, table: Name) {
        self.is_about(&[tree::Name { schema: None, name }], guard);
        self.object = Object::Index;
        self.shows_in = vec![table];
    }

    fn alter_table(&mut self, tree: &Statement, alter: &AlterTable) {
        self.is_about(&[alter.table], alter.guard);
        let family = |change: &Change| Family::of(change);
        let has = |is: Family| alter.clauses.iter().any(|clause| family(&clause.change) == is);
        let swaps = may_swap(alter);
        self.is_rename = alter.clauses.iter().any(|clause| matches!(clause.change, Change::RenameTable(_)));
        self.redefines = redefine::always(tree, alter);
        self.drops_and_adds = !self.redefines && (has(Family::Drops) && has(Family::Adds) || swaps);
        // What takes away and adds might leave the definition as it was, unless it brings other names; a rebuild always does.
        let is_plain = !has(Family::Other) && (has(Family::Drops) != (has(Family::Adds) || has(Family::Renames)));
        if self.redefines && !has(Family::Other) || is_plain && !swaps {
            self.shows_in = self.targets.clone();
        }
        // The names of partitions are a list, too, and each is one thing.
        let parts = commas(&tree.tokens[..alter.list.end], alter.list.start);
        let says_how = |part: &Span| tree.tokens[part.clone()].first().is_some_and(|t| t.is_any(HOW));
        self.several_clauses = parts[1..].iter().any(|part| !says_how(part));
    }
}

const HOW: &[&str] = &["ALGORITHM", "LOCK"];

/// What a clause of ALTER TABLE does to the parts of the table.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    Drops,
    Adds,
    Renames,
    /// It says how the others run.
    Neither,
    /// Something else, or what no definition shows.
    Other,
}

impl Family {
    fn of(change: &Change) -> Family {
        match change {
            Change::DropColumn(..) | Change::DropKey(..) | Change::DropPeriod | Change::DropVersioning => Family::Drops,
            Change::AddColumn(..) | Change::AddKey(_) | Change::AddPeriod | Change::AddVersioning => Family::Adds,
            Change::ChangeColumn(..) | Change::ModifyColumn(..) => Family::Adds,
            Change::RenameColumn(..) | Change::RenameKey(..) => Family::Renames,
            Change::Algorithm(_) | Change::Lock(_) => Family::Neither,
            Change::AlterColumn(..) | Change::AlterKey(..) | Change::RenameTable(_) | Change::Partitions(_) => {
                Family::Other
            }
            Change::DiscardTablespace | Change::ImportTablespace | Change::ConvertCharset | Change::OrderBy => {
                Family::Other
            }
            Change::Force | Change::Keys | Change::Validation | Change::Secondary | Change::Option(_) => Family::Other,
            Change::Other => Family::Other,
        }
    }
}

/// Several columns get new names, and new places: each may have those of another one.
fn may_swap(alter: &AlterTable) -> bool {
    let renames = |change: &Change| matches!(change, Change::ChangeColumn(..) | Change::RenameColumn(..));
    let has_place = |change: &Change| {
        let (Change::AddColumn(_, column) | Change::ChangeColumn(_, _, column) | Change::ModifyColumn(_, column)) =
            change
        else {
            return false;
        };
        column.place != Place::Unsaid
    };
    alter.clauses.iter().filter(|clause| renames(&clause.change)).count() > 1
        && alter.clauses.iter().any(|clause| has_place(&clause.change))
}

/// What is granted stands before TO, and may be a list as well.
fn has_several_grantees(tokens: &[Token]) -> bool {
    let before = match tokens.first() {
        Some(first) if first.is_word("GRANT") => Some("TO"),
        Some(first) if first.is_word("REVOKE") => Some("FROM"),
        Some(_) | None => None,
    };
    let from = before.map_or(Some(0), |word| tokens.iter().rposition(|token| token.is_word(word)));
    from.is_some_and(|from| commas(tokens, from).len() > 1)
}

/// A DROP with `IF EXISTS`, which drops those of a list that are there.
pub fn drop_if_exists(sql: &str, modes: Modes) -> Option<String> {
    let tree = Statement::parse(sql, modes);
    let kind = tree.tokens.iter().find(|token| token.is_any(&["TABLE", "TABLES", "VIEW", "SEQUENCE"]))?;
    let (before, after) = sql.split_at(kind.end());
    Some(format!("{before} IF EXISTS{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_tables_are_innodb_s() {
        for sql in [
            "CREATE TABLE t (a INT)",
            "CREATE TABLE t (a INT) engine = innodb",
            "CREATE TABLE t (e INT) ENGINE InnoDB",
            "CREATE TABLE t (engine INT)",
        ] {
            assert!(suits_innodb(sql, Modes::default()), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a INT) ENGINE=MyISAM",
            "CREATE TABLE t LIKE u",
            "CREATE TABLE t (LIKE u)",
            "CREATE TABLE t (a INT) ENGINE=InnoDB PARTITION BY HASH (a) (PARTITION p ENGINE = Aria)",
            "CREATE TABLE t (a INT) ENGINE",
        ] {
            assert!(!suits_innodb(sql, Modes::default()), "{sql}");
        }
    }

    #[test]
    fn several_clauses() {
        for (sql, expected) in [
            ("ALTER TABLE t DROP a", false),
            ("ALTER TABLE t DROP a, ALGORITHM=INPLACE, LOCK=NONE", false),
            ("ALTER TABLE t ADD (a INT, b INT)", false),
            ("ALTER TABLE t DROP a, ADD b INT", true),
            ("RENAME TABLE a TO b, c TO d", true),
            ("DROP TABLE a, b", false),
        ] {
            assert_eq!(Ddl::of(sql, Modes::default()).several_clauses, expected, "{sql}");
        }
    }

    #[test]
    fn a_drop_of_those_that_are_there() {
        let dropped = |sql| drop_if_exists(sql, Modes::default());
        assert_eq!(dropped("DROP TABLE a, b").as_deref(), Some("DROP TABLE IF EXISTS a, b"));
        assert_eq!(dropped("drop /* all */ view`a`,b").as_deref(), Some("drop /* all */ view IF EXISTS`a`,b"));
        assert_eq!(dropped("SELECT 1"), None);
    }

    #[test]
    fn where_an_effect_shows() {
        for (sql, expected) in [
            ("CREATE TABLE s.a (id INT REFERENCES b (id))", "s.a"),
            ("CREATE TABLE IF NOT EXISTS `a` LIKE b", "a"),
            ("CREATE OR REPLACE TABLE a (id INT)", ""),
            ("CREATE ALGORITHM=MERGE VIEW v AS SELECT 1 FROM t", "v"),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", ""),
            ("DROP TABLE IF EXISTS a, s.b CASCADE", "a s.b"),
            ("DROP VIEW v", "v"),
            ("CREATE UNIQUE INDEX i ON s.t (a, b)", "s.t"),
            ("DROP INDEX `on` ON t ALGORITHM=INPLACE", "t"),
            ("ALTER TABLE t ADD COLUMN a DECIMAL(4, 2), ADD KEY (a), ALGORITHM=INSTANT, LOCK=NONE", "t"),
            ("ALTER TABLE t ADD a INT, MODIFY b INT, CHANGE c d INT", "t"),
            ("ALTER TABLE t DROP COLUMN a, DROP FOREIGN KEY f", "t"),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j", "t"),
            // It does not bring back what it drops.
            ("ALTER TABLE t DROP INDEX a, ADD INDEX b (x)", "t"),
            ("ALTER TABLE t DROP COLUMN a, MODIFY b INT", "t"),
            ("ALTER TABLE t CHANGE a b INT AFTER id, CHANGE c d INT FIRST", "t"),
            // There and back, a rebuild, or something that no definition shows.
            ("ALTER TABLE t DROP COLUMN a, ADD COLUMN a INT", ""),
            ("ALTER TABLE t DROP INDEX a, MODIFY a INT UNIQUE", ""),
            // Some servers skip a part of it.
            ("ALTER TABLE t DROP COLUMN a, ADD COLUMN a INT /*!99999 , ADD COLUMN b INT */", ""),
            ("ALTER TABLE t ADD COLUMN a INT, ENGINE=InnoDB", ""),
            ("ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (9))", ""),
            ("ALTER TABLE t DROP PARTITION p", ""),
            ("ALTER TABLE t ADD COLUMN a INT, RENAME TO u", ""),
            ("ALTER TABLE t CHANGE a b INT AFTER id, CHANGE b a INT FIRST", ""),
            ("ALTER TABLE t CHANGE a b INT, CHANGE b a INT", "t"),
            ("ALTER TABLE t AUTO_INCREMENT=9", ""),
            ("ALTER TABLE t ALGORITHM=COPY", ""),
            ("ALTER TABLE t", ""),
            ("ALTER VIEW v AS SELECT 2", ""),
            ("RENAME TABLE a TO b", ""),
            ("TRUNCATE TABLE t", ""),
            ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1", ""),
            ("CREATE SEQUENCE s", ""),
            ("DROP USER a@b", ""),
        ] {
            let spell = |name: &Name| name.schema.iter().chain([&name.name]).cloned().collect::<Vec<_>>().join(".");
            let found: Vec<String> = Ddl::of(sql, Modes::default()).shows_in.iter().map(spell).collect();
            assert_eq!(found.join(" "), expected, "{sql}");
        }
    }
}
