//! What is wrong with the words of a command line: with the name of the variable where nobody has typed them, and with what is
//! true of the database.

use super::args::Cli;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, Error};

/// The whole message, with its colours.
pub fn message(error: &Error) -> String {
    let message = error.render().ansi().to_string();
    // That one shows the help.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return message;
    }
    let source = match variable(error).filter(|variable| !message.contains(variable)) {
        Some(variable) => format!("the value is that of the variable {variable}\n"),
        None => String::new(),
    };
    format!("{message}{source}nothing has been changed\n")
}

/// The variable that has the value, where it is one.
fn variable(error: &Error) -> Option<String> {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.as_str()),
        _ => None,
    };
    let (option, value) = (text(ContextKind::InvalidArg)?, text(ContextKind::InvalidValue)?);
    let long = option.strip_prefix("--")?.split(' ').next()?;
    variable_of(&Cli::command(), long, value)
}

fn variable_of(command: &Command, long: &str, value: &str) -> Option<String> {
    let has_it = |name: &&str| std::env::var(name).is_ok_and(|set| set == value);
    let own = command.get_arguments().filter(|arg| arg.get_long() == Some(long));
    let own = own.filter_map(|arg| arg.get_env()?.to_str()).find(has_it).map(str::to_owned);
    own.or_else(|| command.get_subcommands().find_map(|one| variable_of(one, long, value)))
}
