//! The command line: arguments and settings in, exit code out. The only room that reads the environment and the terminal.

mod account;
pub mod args;
pub mod env_file;
mod migrations;
pub mod option_file;
mod other_words;
mod output;
pub mod settings;
mod signals;
mod usage;

use crate::command::newest::Request;
use crate::command::{self, Answer, Guards, Mode, Outcome};
use crate::cost::limits::Gates;
use crate::engine::job::Job;
use crate::engine::job::{RunContext, Warnings, host_name};
use crate::engine::journal::DownData;
use crate::engine::make_tasks::{Downs, DownsFrom};
use crate::error::{Error, Kind, Result};
use crate::event::{Event, Listener};
use crate::migration::lock_wait::Patience;
use crate::migration::pair::{Migration, Pairs};
use crate::migration::plan::{Back, Late, UpTo};
use crate::proof;
use crate::proof::fill::Wish;
use crate::report::output::Screen;
use crate::report::{self, Form};
use crate::source::choice::{self, Choice};
use crate::source::embedded::OWN;
use crate::source::folder::Empty;
use anstream::ColorChoice;
use args::{Cli, Color, Command};
use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use signals::Signals;
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

/// Runs the command that was typed.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let form = if arguments.iter().any(|word| word == "--json") { Form::Json } else { Form::Human };
    let note = match env_file::load(&arguments) {
        Ok(note) => note,
        Err(error) => return failed(form, &error),
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off")).init();
    let mut command = without_empty_variables(Cli::command());
    if arguments.iter().any(|word| word == "--version") {
        command = command.long_version(&*migrations::version().leak());
    }
    let matches = match command.try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage(other_words::explain(error)),
    };
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let form = if cli.common.json { Form::Json } else { Form::Human };
    match cli.common.color {
        Color::Auto => {}
        Color::Always => ColorChoice::Always.write_global(),
        Color::Never => ColorChoice::Never.write_global(),
    }
    let is_dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
    let screen = if std::io::stderr().is_terminal() && !is_dumb { Screen::Terminal } else { Screen::Log };
    let mut reporter = report::Reporter::new(form, screen);
    note.into_iter().for_each(|note| reporter.tell(Event::Note(note)));
    let outcome = run(&cli, &matches, &mut |event| reporter.tell(event));
    let written = reporter.finish().map_err(|error| output::lost(&cli.command, &error));
    match outcome.and_then(|outcome| written.map(|()| outcome)) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Err(error) => failed(form, &error),
    }
}

fn failed(form: Form, error: &Error) -> ExitCode {
    report::error(form, error);
    ExitCode::from(error.kind().exit_code())
}

/// A help and the version are answers; anything else is a mistake in what was typed.
fn usage(error: clap::Error) -> ExitCode {
    if error.use_stderr() {
        report::usage(&usage::message(&error));
        return ExitCode::from(2);
    }
    match report::print(&error.render().ansi().to_string()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(Form::Human, &output::unwritten(&error)),
    }
}

/// A variable that is set but empty is no setting, whatever option it stands for.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &std::ffi::OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env(Resettable::Reset) } else { arg })
        .mut_subcommands(without_empty_variables)
}

fn run(cli: &Cli, matches: &ArgMatches, listener: &mut Listener<'_>) -> Result<Outcome> {
    match &cli.command {
        Command::Completions(shell) => {
            let mut script = Vec::new();
            clap_complete::generate(shell.shell, &mut Cli::command(), "uturn", &mut script);
            return output::print(&script);
        }
        Command::Man => return man(),
        Command::New(new) => {
            let dir = cli.common.dir.as_deref().unwrap_or(Path::new(choice::DEFAULT));
            return command::new::run(
                dir,
                &new.name,
                time::OffsetDateTime::now_utc(),
                mode(new.dry_run.dry_run),
                listener,
            );
        }
        _ => {}
    }
    let (name, words) = matches.subcommand().expect("clap asks for a command");
    // Files first: what is wrong with them is known without a server.
    let (choice, empty) = match migrations::empty(&cli.command) {
        Some(empty) => (migrations::choose(&cli.common, matches)?, empty),
        None => (Choice::Nowhere, Empty::Allowed),
    };
    if let Command::Check(_) = &cli.command {
        return command::check::run(&choice::load(&choice, empty, &OWN)?, listener);
    }
    let pairs = pairs(&cli.command, choice::load(&choice, empty, &OWN)?)?;
    // They live as long as the process: to free a thousand of them takes longer than to leave them.
    let migrations: &[Migration] = pairs.migrations.leak();
    let program = format!("uturn {name}");
    let access = match needs_database(cli) {
        true => settings::access(&cli.common, choice.folder(), &program)?,
        false => settings::nowhere(&cli.common, &program),
    };
    let signals = Signals::watch();
    let os_user = account::name();
    let production = settings::production();
    let (heard, begin) = (|| signals.heard(), || signals.begin());
    let resume = resume(&cli.command);
    let (running, yes) = (running(&cli.command), guards(&cli.command));
    let confirm = || if yes.is_some_and(|g| g.yes) { Answer::Yes } else { ask("go on?") };
    let job = Job {
        access: &access,
        migrations,
        unnamed: &pairs.unnamed,
        wait: cli.common.wait,
        context: RunContext {
            signals: &heard,
            begin: &begin,
            patience: running.map_or_else(Patience::default, |options| Patience {
                timeout: options.lock_timeout,
                retries: options.lock_retries,
            }),
            os_user: &os_user,
            host: &host_name(),
            warnings: if running.is_some_and(|r| r.warnings_as_errors) { Warnings::Stop } else { Warnings::Tell },
            resume: &resume,
            stop_behind: None,
        },
        now: time::OffsetDateTime::now_utc(),
    };
    let guards = Guards {
        production: production.as_deref(),
        allow_production: yes.is_some_and(|g| g.allow_production),
        allow_protected: yes.and_then(|g| g.allow_protected.as_deref()),
        allow_non_empty: allows_non_empty(&cli.command),
        retype: &retype,
        choose: &choose,
        confirm: &confirm,
    };
    dispatch(cli, words, (&job, &guards), listener)
}

/// A proof takes none where one of them is faulty.
fn pairs(command: &Command, pairs: Pairs) -> Result<Pairs> {
    match command {
        Command::Prove(_) => Ok(Pairs { migrations: pairs.strict()?, unnamed: Vec::new() }),
        _ => Ok(pairs.by_version()),
    }
}

fn dispatch(
    cli: &Cli,
    words: &ArgMatches,
    (job, guards): (&Job<'_>, &Guards<'_>),
    listener: &mut Listener<'_>,
) -> Result<Outcome> {
    match &cli.command {
        Command::Up(up) => {
            let (target, late) = how_far(&up.target, words)?;
            command::up::run(job, guards, &target, late, mode(up.running.dry_run.dry_run), listener)
        }
        Command::Status(status) => command::status::run(job, listener).map(|answer| match answer {
            Outcome::No if status.exit_code => Outcome::No,
            Outcome::No | Outcome::Done => Outcome::Done,
        }),
        Command::Undo(undo) => {
            let (target, back) = (how_far_back(&undo.target, words)?, &undo.back);
            command::undo::run(job, guards, &target, downs(&back.down), mode(back.running.dry_run.dry_run), listener)
        }
        Command::Redo(redo) => {
            let back = &redo.back;
            command::redo::run(job, guards, redo.steps, downs(&back.down), mode(back.running.dry_run.dry_run), listener)
        }
        Command::Plan(plan) => command::plan::run(job, guards, &planned(plan, words)?, &gates(plan), listener),
        Command::Reset(reset) => {
            let back = &reset.back;
            command::reset::run(job, guards, downs(&back.down), mode(back.running.dry_run.dry_run), listener)
        }
        Command::Resolve(resolve) => {
            let answer =
                if resolve.applied { command::resolve::TookEffect::Yes } else { command::resolve::TookEffect::No };
            let (target, mode) = (&resolve.migration, mode(resolve.dry_run.dry_run));
            match resolve.statement {
                Some(statement) => command::resolve::run(job, target, statement.get(), answer, mode, listener),
                None => command::complete::run(job, guards, target, mode, listener),
            }
        }
        Command::Prove(prove) => {
            let partial = if prove.partial { proof::Partial::Tried } else { proof::Partial::Left };
            let throwaway = (!needs_database(cli)).then(std::env::temp_dir);
            if prove.no_loss && prove.rows.is_none() {
                return Err(Error::new(Kind::Settings, "--no-loss needs rows that could be lost")
                    .truth("nothing has been changed")
                    .hint("add --rows N"));
            }
            let wish = prove.rows.map(|rows| Wish { rows: rows.get(), seed: prove.seed });
            let (from, no_loss) = (prove.from.clone(), prove.no_loss);
            let request = proof::Request { from, wish, no_loss, throwaway, partial };
            command::prove::run(job, &request, listener)
        }
        Command::Create(dry_run) => command::create::run(job, mode(dry_run.dry_run), listener),
        Command::Drop(drop) => command::drop::run(job, guards, mode(drop.dry_run.dry_run), listener),
        Command::Protect(protect) => {
            command::protect::protect(job, protect.reason.as_deref(), mode(protect.dry_run.dry_run), listener)
        }
        Command::Unprotect(dry_run) => command::protect::unprotect(job, mode(dry_run.dry_run), listener),
        Command::Wait(wait) => command::wait::run(job, wait.timeout, listener),
        Command::Log(log) => command::log::run(job, &logged(log), listener),
        Command::New(_) | Command::Check(_) | Command::Completions(_) | Command::Man => {
            unreachable!("done without a database")
        }
    }
}

fn logged(log: &args::Log) -> command::log::Request {
    let since = log.since.map(|since| match since {
        args::Since::Ago(ago) => command::log::Since::Ago(ago),
        args::Since::At(at) => command::log::Since::At(at),
    });
    command::log::Request { last: log.last, since }
}

fn planned(plan: &args::Plan, words: &ArgMatches) -> Result<command::plan::What> {
    let own = words.subcommand().map_or(words, |(_, own)| own);
    let up = match &plan.what {
        Some(args::PlanWhat::Undo(undo)) => {
            return Ok(command::plan::What::Undo(how_far_back(&undo.target, own)?, downs(&undo.down)));
        }
        Some(args::PlanWhat::Up(up)) => up,
        None => &plan.up,
    };
    how_far(up, own).map(|(target, late)| command::plan::What::Up(target, late))
}

fn gates(plan: &args::Plan) -> Gates {
    Gates { max_rebuild: plan.max_rebuild, require_online: plan.require_online, no_destructive: plan.no_destructive }
}

fn mode(dry_run: bool) -> Mode {
    if dry_run { Mode::Print } else { Mode::Run }
}

fn downs(down: &args::DownFromFiles) -> Downs {
    let from = if down.down_from_files { DownsFrom::Files } else { DownsFrom::Kept };
    let data = down.down_data.map(|answer| match answer {
        args::DownData::Run => DownData::Run,
        args::DownData::Skip => DownData::Skip,
    });
    Downs { from, data }
}

/// The options of a command that goes back.
fn back(command: &Command) -> Option<&args::GoingBack> {
    match command {
        Command::Undo(undo) => Some(&undo.back),
        Command::Redo(redo) => Some(&redo.back),
        Command::Reset(reset) => Some(&reset.back),
        Command::Up(_) | Command::Status(_) | Command::New(_) | Command::Resolve(_) | Command::Create(_) => None,
        Command::Drop(_) | Command::Wait(_) | Command::Log(_) | Command::Check(_) | Command::Prove(_) => None,
        Command::Plan(_) | Command::Protect(_) | Command::Unprotect(_) => None,
        Command::Completions(_) | Command::Man => None,
    }
}

/// What resumes an up that stops part-way. `--steps N` would run more than are left, and a redo another migration.
fn resume(command: &Command) -> String {
    if let Command::Up(up) = command {
        return match (&up.target.to, up.target.steps) {
            (_, Some(_)) => "uturn up --steps 1".to_owned(),
            (Some(to), None) => format!("uturn up --to {to}"),
            (None, None) => "uturn up".to_owned(),
        };
    }
    let is_redo = matches!(command, Command::Redo(_));
    if is_redo { "uturn up --steps 1".to_owned() } else { "uturn up".to_owned() }
}

/// The options of a command that runs scripts.
fn running(command: &Command) -> Option<&args::Running> {
    match command {
        Command::Up(up) => Some(&up.running),
        other => back(other).map(|back| &back.running),
    }
}

fn guards(command: &Command) -> Option<&args::Guards> {
    match command {
        Command::Drop(drop) => Some(&drop.guards),
        Command::Resolve(resolve) => Some(&resolve.guards),
        other => back(other).map(|back| &back.guards),
    }
}

fn allows_non_empty(command: &Command) -> bool {
    match command {
        Command::Up(up) => up.non_empty.allow_non_empty,
        Command::Reset(reset) => reset.non_empty.allow_non_empty,
        Command::Plan(plan) => plan.allow_non_empty,
        Command::Redo(_) | Command::Undo(_) | Command::Status(_) | Command::New(_) | Command::Resolve(_) => false,
        Command::Create(_) | Command::Drop(_) | Command::Wait(_) | Command::Log(_) => false,
        Command::Prove(_) | Command::Protect(_) | Command::Unprotect(_) => false,
        Command::Check(_) | Command::Completions(_) | Command::Man => false,
    }
}

/// A proof can do without: it starts a server of its own.
fn needs_database(cli: &Cli) -> bool {
    let Command::Prove(prove) = &cli.command else { return true };
    !prove.throwaway && settings::is_configured(&cli.common)
}

fn how_far(target: &args::UpTarget, words: &ArgMatches) -> Result<(UpTo, Late)> {
    let to = target.to.clone().map(|target| ("to", UpTo::Target(target)));
    let steps = target.steps.map(|steps| ("steps", UpTo::Steps(steps)));
    let up_to = only_one(to.into_iter().chain(steps), words)?.unwrap_or(UpTo::Everything);
    Ok((up_to, if target.strict { Late::Refuse } else { Late::Run }))
}

fn how_far_back(target: &args::UndoTarget, words: &ArgMatches) -> Result<Request> {
    let order = |name, back: Option<Back>| back.map(|back| (name, Request::Order(back)));
    let given = [
        order("to", target.to.clone().map(Back::To)),
        order("keep", target.keep.clone().map(Back::Keep)),
        order("steps", target.steps.map(Back::Steps)),
        order("all", target.all.then_some(Back::All)),
        target.last_up.then_some(("last_up", Request::LastUp)),
    ];
    Ok(only_one(given.into_iter().flatten(), words)?.unwrap_or(Request::Order(Back::Newest)))
}

/// How far to go can be said in several ways, but only in one at a time. What was typed beats what a variable says.
fn only_one<T>(given: impl Iterator<Item = (&'static str, T)>, words: &ArgMatches) -> Result<Option<T>> {
    let is_typed = |name: &str| words.value_source(name) == Some(ValueSource::CommandLine);
    let (typed, set): (Vec<_>, Vec<_>) = given.partition(|(name, _)| is_typed(name));
    let mut chosen = if typed.is_empty() { set } else { typed };
    if chosen.len() > 1 {
        let names: Vec<String> = chosen.iter().map(|(name, _)| format!("`--{}`", name.replace('_', "-"))).collect();
        return Err(Error::new(Kind::Settings, format!("{} cannot stand together", names.join(" and ")))
            .truth("nothing has been changed")
            .hint("say in one way how far to go; UTURN_TO, UTURN_KEEP, UTURN_STEPS, UTURN_ALL and UTURN_LAST_UP count too"));
    }
    Ok(chosen.pop().map(|(_, request)| request))
}

/// Asks at the terminal; anything but `y` and `yes` is no.
fn ask(question: &str) -> Answer {
    match typed(&format!("{question} [y/N] ")) {
        None => Answer::Nobody,
        Some(line) if matches!(line.to_ascii_lowercase().as_str(), "y" | "yes") => Answer::Yes,
        Some(_) => Answer::No,
    }
}

/// Asks at the terminal what `--yes` is no answer to.
fn choose(why: &str, question: &str) -> Answer {
    ask(&format!("{}\n{}", report::format::plain(why), report::format::plain(question)))
}

/// Has a name typed, after saying why.
fn retype(why: &str) -> Option<String> {
    typed(&format!("{}\ntype the name of the database to go on: ", report::format::plain(why)))
}

/// A line from the terminal; nothing if nobody is there.
fn typed(question: &str) -> Option<String> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return None;
    }
    let mut out = std::io::stderr();
    let _ = write!(out, "{question}").and_then(|()| out.flush());
    let mut line = String::new();
    Some(std::io::stdin().read_line(&mut line).map_or_else(|_| String::new(), |_| line.trim().to_owned()))
}

fn man() -> Result<Outcome> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command()).render(&mut page).map_err(|error| output::unwritten(&error))?;
    output::print(&page)
}
