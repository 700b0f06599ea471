//! `uturn plan`: what would run, statement by statement, and what each would cost, as the server itself answers. Takes no
//! lock, and writes nothing but its scratch database, which goes with it.

mod losses;

use crate::command::newest::{self, Request};
use crate::command::{Guards, Outcome, non_empty, undo, up};
use crate::cost::estimate::{Algorithm, Assessed, Blocker, Commits, Cost, Count, Rebuilt, Touched};
use crate::cost::limits::{Gates, Sum};
use crate::db::present::{self, Depth};
use crate::db::{error_code, packet, server};
use crate::engine::job::{Job, Survey};
use crate::engine::make_tasks::{self, Downs};
use crate::engine::program::step::{Action, Step};
use crate::engine::task::Task;
use crate::engine::{journal, losses as of_scripts, preflight};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener, Note, Nothing, Planned, PlannedScript, Summed, Unseen};
use crate::migration::name::Direction;
use crate::migration::plan::{self, Late, UpTo};
use crate::preview::database_state::Stock;
use crate::preview::trial::{Probe, Tried};
use crate::schema::present::Present;
use crate::schema::stage::{Meaning, Stage};
use crate::script::lexer::Code;
use crate::script::position::Ruler;
use crate::statement::effects::Effects;
use crate::statement::names::{self, Name};
use crate::statement::session_effects;
use crate::statement::table_change::{Alter, Form};
use mysql::Conn;
use std::collections::HashSet;
use std::time::Duration;

/// What is planned.
#[derive(Clone, Debug)]
pub enum What {
    /// `uturn plan`, `uturn plan up`.
    Up(UpTo, Late),
    /// `uturn plan undo`.
    Undo(Request, Downs),
}

/// Longer texts are not sent to be parsed alone.
const PARSE_AT_MOST: usize = 256 * 1024;

/// Plans. The answer is no where a gate says so; where `up` would refuse the database, so does the plan once it is shown.
pub fn run(
    job: &Job<'_>,
    guards: &Guards<'_>,
    what: &What,
    gates: &Gates,
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    let mut conn = job.access.open()?;
    let survey = job.survey(&mut conn)?;
    let tasks = tasks(job, &mut conn, &survey, what, listener)?;
    if tasks.is_empty() {
        listener(Event::Nothing(match what {
            What::Up(..) => Nothing::Pending,
            What::Undo(..) => Nothing::Applied,
        }));
        return Ok(Outcome::Done);
    }
    let explain = |error: mysql::Error| job.access.explain(&error);
    let server = server::ask(&mut conn).map_err(explain)?;
    let stock = Stock::look(conn, server).map_err(explain)?;
    let mut planner = Planner::new(job, stock, &tasks)?;
    let mut scripts = Vec::new();
    for task in &tasks {
        scripts.push(planner.script(task)?);
    }
    planner.doubt_instants(&scripts);
    let outcome = tell(planner.summed, scripts, gates, listener);
    match what {
        What::Up(..) => non_empty::refuse((job, guards), &survey.ledger).map(|()| outcome),
        What::Undo(..) => Ok(outcome),
    }
}

fn tasks(
    job: &Job<'_>,
    conn: &mut Conn,
    survey: &Survey,
    what: &What,
    listener: &mut Listener<'_>,
) -> Result<Vec<Task>> {
    match what {
        What::Up(request, late) => {
            let plan = plan::up(&survey.rows, job.unnamed, request, *late)?;
            let future = up::in_future(job, &plan.run);
            for (names, note) in [(plan.late, Note::Late as fn(_) -> _), (future, Note::InFuture)] {
                if !names.is_empty() {
                    listener(Event::Note(note(names)));
                }
            }
            let modes = server::session_modes(conn).map_err(|error| job.access.explain(&error))?;
            plan.run
                .iter()
                .map(|name| make_tasks::up(make_tasks::file_of(job.migrations, name)?, &survey.ledger, modes))
                .collect()
        }
        What::Undo(request, downs) => {
            let back = newest::resolve(job, conn, survey, request)?;
            let names = plan::undo(&survey.rows, &back)?;
            if names.is_empty() {
                return Ok(Vec::new());
            }
            newest::note(job, conn, survey, (&back, &names), listener)?;
            undo::tasks(job, conn, survey, &names, *downs, listener)
        }
    }
}

fn tell(mut summed: Summed, scripts: Vec<PlannedScript>, gates: &Gates, listener: &mut Listener<'_>) -> Outcome {
    let mut all = Vec::new();
    summed.sum = Sum::default();
    for script in scripts {
        for one in &script.statements {
            summed.sum.add(&one.assessed);
            all.push((script.name.clone(), one.number, one.assessed.clone()));
        }
        listener(Event::Planned(script));
    }
    listener(Event::Summed(summed));
    let breaches = gates.breaches(&all);
    let outcome = if breaches.is_empty() { Outcome::Done } else { Outcome::No };
    for breach in breaches {
        listener(Event::Breach(breach));
    }
    outcome
}

/// What is there, and what the views that the scripts read call.
fn present_for(conn: &mut Conn, schema: &str, tasks: &[Task]) -> mysql::Result<Present> {
    let mut present = present::read(conn, schema, Depth::Reach)?;
    let reads = tasks.iter().flat_map(|task| of_scripts::reads_of(&task.text, &task.steps, schema));
    present::follow_views(conn, &mut present, reads.collect())?;
    Ok(present)
}

/// What is known between two statements.
struct Planner<'a> {
    job: &'a Job<'a>,
    stock: Stock,
    /// Nothing where the account may not have a scratch database.
    probe: Option<Probe>,
    stage: Stage,
    /// Who uses which table now.
    users: Vec<Blocker>,
    summed: Summed,
    /// The script's transactions so far, and whether the last one is open.
    transactions: (u64, bool),
    /// Shapes of statements that the server has parsed since the session changed.
    parsed: HashSet<u16>,
    /// Shapes of statements of the script whose effects are known.
    read: HashSet<u16>,
    /// How long was counted so far.
    counted: Duration,
}

impl<'a> Planner<'a> {
    fn new(job: &'a Job<'a>, mut stock: Stock, tasks: &[Task]) -> Result<Planner<'a>> {
        let mut summed = Summed::default();
        let account = format!("'{}'@'…'", job.access.user);
        let is_asked = |step: &Step| matches!(step.action, Action::Ddl(_) | Action::Maintenance);
        let probe = match tasks.iter().flat_map(|task| task.steps.iter()).any(|step| is_asked(&step)) {
            true => match Probe::open(job.access, &mut stock) {
                Ok(probe) => Some(probe),
                Err(error) if error.kind() == Kind::Rights && error.server().is_some() => {
                    let said = error.server().map_or_else(|| error.to_string(), ToString::to_string);
                    let grant = format!("GRANT ALL ON `uturn\\_scratch\\_%`.* TO {account}");
                    summed.unseen.push(Unseen::Scratch(said, grant));
                    None
                }
                Err(error) if matches!(error.kind(), Kind::Guard | Kind::Rights) => {
                    summed.unseen.push(Unseen::NoScratch(error.to_string()));
                    None
                }
                Err(error) => return Err(error),
            },
            false => None,
        };
        let users = stock.users().unwrap_or_else(|grant| {
            summed.unseen.push(Unseen::Users(format!("{grant} {account}")));
            Vec::new()
        });
        summed.transactions = users.iter().filter(|user| user.table.is_none()).cloned().collect();
        let present = present_for(&mut stock.conn, &job.access.database, tasks);
        let stage = Stage::new(present.map_err(|error| job.access.explain(&error))?);
        Ok(Planner {
            job,
            stock,
            probe,
            stage,
            users,
            summed,
            transactions: (0, false),
            parsed: HashSet::new(),
            read: HashSet::new(),
            counted: Duration::ZERO,
        })
    }

    fn script(&mut self, task: &Task) -> Result<PlannedScript> {
        if let Some(probe) = &mut self.probe {
            probe.begin()?;
        }
        self.stage.begin_script();
        self.transactions = (0, false);
        self.parsed.clear();
        self.read.clear();
        let from = task.resumes.map_or(1, |(_, from)| from);
        let mut statements = Vec::new();
        let mut ruler = Ruler::new(&task.text);
        for step in task.steps.iter() {
            let is_set_up = step.number < from && matches!(step.action, Action::Session);
            if step.number < from && !is_set_up {
                continue;
            }
            self.parse(task, &step)?;
            let assessed = self.assess(task, &step).map_err(|error| self.lost(&error))?;
            if is_set_up {
                continue;
            }
            statements.push(Planned {
                number: step.number,
                at: ruler.at(step.span.start),
                head: journal::head(task.text_of(&step)),
                kind: step.action.word(),
                assessed,
            });
        }
        let (name, path) = (task.name.clone(), task.path.clone());
        Ok(PlannedScript { name, direction: task.direction, path, from, of: task.steps.len(), statements })
    }

    fn lost(&self, error: &mysql::Error) -> Error {
        self.job.access.explain(error)
    }

    /// What the server cannot parse would stop an `up` before anything runs.
    fn parse(&mut self, task: &Task, step: &Step) -> Result<()> {
        let text = task.text_of(step);
        if matches!(step.action, Action::Session) {
            self.parsed.clear();
        }
        // Of many INSERTs of one shape, the first speaks for all.
        let was_parsed = step.shape.is_some_and(|shape| !self.parsed.insert(shape));
        if text.len() > PARSE_AT_MOST || was_parsed || matches!(step.action, Action::LeaveOut(_)) {
            return Ok(());
        }
        let conn = match &mut self.probe {
            Some(probe) => probe.session(),
            None => &mut self.stock.conn,
        };
        match packet::parse(conn, text) {
            Ok(()) => Ok(()),
            // Without a scratch database no SET of the script is made, and it may be one that decides how this reads.
            Err(error) if error_code::is_syntax(&error) && self.probe.is_some() => {
                Err(preflight::syntax(task, step, &error))
            }
            Err(error) if error_code::is_connection_lost(&error) => Err(self.lost(&error)),
            Err(_) => Ok(()),
        }
    }

    fn assess(&mut self, task: &Task, step: &Step) -> mysql::Result<Assessed> {
        let text = task.text_of(step);
        // What is that long is rows of an INSERT.
        let is_long = text.len() > PARSE_AT_MOST && matches!(step.action, Action::Dml);
        let alter = Alter::of(if is_long { "" } else { text }, step.modes);
        let effects = self.effects(text, step);
        let mut one = Assessed {
            cost: Cost::None,
            part: None,
            commits: self.commits(&step.action),
            tables: Vec::new(),
            losses: Vec::new(),
            rows: None,
            blockers: Vec::new(),
            remarks: Vec::new(),
        };
        match &step.action {
            Action::Session => {
                one.losses = self.losses(&effects)?;
                self.set(text, step)?;
                self.stage.take(&effects);
            }
            Action::Call => {
                one.losses = self.losses(&effects)?;
                self.pass_over("a statement ran that may do anything");
            }
            Action::Dml => {
                self.look(&alter, &effects, &mut one)?;
                one.rows = Some(if is_long { Count::Unknown } else { self.rows(text, step, &alter) });
            }
            Action::Ddl(_) | Action::Maintenance => {
                self.look(&alter, &effects, &mut one)?;
                let tried = self.try_out(&alter, text, step)?;
                let is_drop = matches!(&step.action, Action::Ddl(ddl) if ddl.verb == "DROP");
                let is_down_of_half = task.direction == Direction::Down
                    && task.takes_back.is_some()
                    && (is_drop || step.action.does_one_thing());
                one.remarks = tried.remarks;
                one.cost = match (tried.cost, tried.said) {
                    (Cost::Fails(said), Some(error))
                        if is_down_of_half && error_code::is_nothing_to_take_back(&error) =>
                    {
                        Cost::PassedOver(said)
                    }
                    (cost, _) => cost,
                };
                self.part(&mut one);
                if !matches!(one.cost, Cost::Fails(_) | Cost::PassedOver(_)) {
                    self.stage.take(&effects);
                }
            }
            Action::Global | Action::Boundary | Action::LeaveOut(_) => {}
        }
        if matches!(one.cost, Cost::PassedOver(_)) {
            one.losses.clear();
        }
        Ok(one)
    }

    /// Of many INSERTs of one shape, the first speaks for all.
    fn effects(&mut self, text: &str, step: &Step) -> Effects {
        match step.shape.is_some_and(|shape| !self.read.insert(shape)) {
            true => Effects::default(),
            false => {
                let effects = Effects::of(text, step.modes);
                if effects.changes_names() {
                    self.read.clear();
                }
                effects
            }
        }
    }

    /// Consecutive DML shares a transaction; everything that commits ends it.
    fn commits(&mut self, action: &Action) -> Commits {
        let (number, is_open) = &mut self.transactions;
        let commits = match action {
            Action::Dml => {
                *number += u64::from(!*is_open);
                *is_open = true;
                return Commits::In(*number);
            }
            Action::Session => return Commits::Session,
            Action::LeaveOut(_) => return Commits::LeftOut,
            Action::Ddl(_) | Action::Maintenance | Action::Global => Commits::ByItself,
            Action::Call => Commits::AsItsContent,
            Action::Boundary => Commits::Boundary,
        };
        *is_open = false;
        commits
    }

    fn set(&mut self, text: &str, step: &Step) -> mysql::Result<()> {
        if let Some((table, _)) = session_effects::makes_a_table(text, step.modes) {
            self.stock.others.insert(table);
        }
        match &mut self.probe {
            Some(probe) => probe.set(text, step.modes),
            None => Ok(()),
        }
    }

    fn pass_over(&mut self, why: &str) {
        if let Some(probe) = &mut self.probe {
            probe.pass_over(why);
        }
    }

    /// Whether every table that it is about is one of the configured database.
    fn is_ours(&self, alter: &Alter<'_>) -> bool {
        alter.tables().iter().all(|name| self.stage.is_home(name))
    }

    fn try_out(&mut self, alter: &Alter<'_>, text: &str, step: &Step) -> mysql::Result<Tried> {
        match alter.form {
            // Views, routines, users: no table changes. OPTIMIZE is the only maintenance that rebuilds.
            Form::Other if matches!(step.action, Action::Maintenance) => {
                return Ok(Tried::only(Cost::None));
            }
            Form::Other => return Ok(Tried::only(Cost::Dictionary)),
            Form::DropDatabase => {
                self.pass_over("a database was dropped");
                return Ok(Tried::only(Cost::Dictionary));
            }
            Form::Alter | Form::CreateIndex | Form::DropIndex | Form::CreateTable | Form::DropTable => {}
            Form::Rename | Form::Truncate | Form::Optimize => {}
        }
        let Some(probe) = &mut self.probe else {
            let plain = matches!(alter.form, Form::CreateTable | Form::DropTable | Form::Rename | Form::Truncate);
            let why = "there is no scratch database to try it in".to_owned();
            return Ok(Tried::only(if plain { Cost::Dictionary } else { Cost::Untried(why) }));
        };
        let tried = match self.stage.used() {
            Some(used) => {
                let why = format!("it is for the database `{used}`");
                probe.pass_over(&why);
                Tried::only(Cost::Untried(why))
            }
            None => probe.try_out(&mut self.stock, &self.stage, text, step.modes)?,
        };
        // To drop a table costs the same wherever it is, and whatever it holds.
        let is_drop = alter.form == Form::DropTable && matches!(tried.cost, Cost::Untried(_));
        Ok(if is_drop { Tried::only(Cost::Dictionary) } else { tried })
    }

    /// Its tables as they are now, who uses them, and what would be gone.
    fn look(&mut self, alter: &Alter<'_>, effects: &Effects, one: &mut Assessed) -> mysql::Result<()> {
        let is_ours = self.is_ours(alter);
        for table in alter.tables() {
            let real = self.stage.home(&table).filter(|_| is_ours);
            if let Some(real) = &real {
                let uses = |user: &&Blocker| {
                    user.table.as_ref().is_some_and(|used| self.stage.key(used) == self.stage.key(real))
                };
                one.blockers.extend(self.users.iter().filter(uses).cloned());
            }
            one.tables.push(match real {
                Some(real) => Touched {
                    size: self.stock.size(&real),
                    referenced_by: self.stock.referenced_by(&real),
                    name: table.name,
                    is_new: false,
                },
                None => {
                    let is_made = alter.form == Form::CreateTable && is_ours;
                    let is_new = is_ours && self.stage.meaning(&table) == Meaning::New || is_made;
                    Touched { name: table.name, size: None, is_new, referenced_by: Vec::new() }
                }
            });
        }
        one.losses = self.losses(effects)?;
        Ok(())
    }

    /// Rows that DML reads or writes. A DELETE loses no more than it reads.
    fn rows(&mut self, text: &str, step: &Step, alter: &Alter<'_>) -> Count {
        if let Some(written) = alter.rows_written() {
            return Count::Exactly(written);
        }
        let first = Code::new(text, step.modes).next().map_or("", |(_, word)| word).to_ascii_uppercase();
        let is_explained = ["INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "WITH", "TABLE", "("];
        let calls = names::names(text, step.modes)
            .iter()
            .any(|name| self.stock.functions().contains(&name.name.to_lowercase()));
        let key = |name: &str| self.stage.key(name);
        let ours = key(self.stock.schema());
        let elsewhere = alter
            .qualifiers()
            .iter()
            .any(|name| key(name) != ours && self.stock.schemas.iter().any(|s| key(s) == key(name)));
        // What is called would perhaps run: EXPLAIN works some subqueries out.
        if self.stage.used().is_some()
            || calls
            || elsewhere
            || alter.reaches_out()
            || !is_explained.contains(&first.as_str())
        {
            return Count::Unknown;
        }
        self.stock.estimate(text)
    }

    /// Without PROCESS nobody sees whether a table had a FULLTEXT index.
    fn doubt_instants(&mut self, scripts: &[PlannedScript]) {
        let is_instant = |one: &Planned| {
            let is_old = one.assessed.tables.iter().any(|table| !table.is_new);
            is_old && matches!(one.assessed.cost, Cost::Accepted(Algorithm::Instant, ..))
        };
        if !self.stock.server.has_process && scripts.iter().flat_map(|script| &script.statements).any(is_instant) {
            let grant = format!("GRANT PROCESS ON *.* TO '{}'@'…'", self.job.access.user);
            self.summed.unseen.push(Unseen::Inner(grant));
        }
    }

    /// The bytes of the partitions that are rebuilt.
    fn part(&mut self, one: &mut Assessed) {
        let (Cost::Accepted(_, _, Rebuilt::Partitions(names)) | Cost::Unasked(Rebuilt::Partitions(names))) = &one.cost
        else {
            return;
        };
        let table = one.tables.first().map(|table| Name::plain(&table.name));
        if let Some(real) = table.and_then(|table| self.stage.home(&table)) {
            one.part = self.stock.size_of_partitions(&real, names).map(|size| size.bytes);
        }
    }
}
