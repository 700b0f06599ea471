//! A script that is to run, and what is known of it.

use crate::engine::journal::{Down, DownData};
use crate::engine::program::packed::Steps;
use crate::engine::program::step::Step;
use crate::error::Place;
use crate::migration::lock_wait::Wish;
use crate::migration::name::{Direction, Name};
use crate::script::position::Position;
use crate::script::source_text::Text;

/// A script that is to run.
#[derive(Clone, Debug)]
pub struct Task {
    /// Which migration.
    pub name: Name,
    /// Which way.
    pub direction: Direction,
    /// The file, as the user knows it, or where else the text comes from.
    pub path: String,
    /// The script.
    pub text: Text,
    /// Its statements.
    pub steps: Steps,
    /// refinery's checksum of the up script.
    pub checksum: String,
    /// The way back: for an up the one to record, for a down the script itself.
    pub down: Down,
    /// The run that this one goes on with, and the first statement to run.
    pub resumes: Option<(u64, usize)>,
    /// In an earlier try a part of that statement took effect.
    pub had_part: bool,
    /// The statements before that one which are run again, since they only set up the session; by number.
    pub again: Vec<usize>,
    /// LAST_INSERT_ID() had a value in a session that has ended.
    pub last_id_is_gone: bool,
    /// The stopped up run that this down takes back.
    pub takes_back: Option<u64>,
    /// What a person said of its statements that may destroy data.
    pub down_data: Option<DownData>,
    /// How patient it wants to be.
    pub wish: Wish,
    /// Whether its files are at hand, to be changed.
    pub files: Files,
}

/// Whether the files of a migration are at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Files {
    /// They are.
    Here,
    /// The database alone has its down script.
    Missing,
}

impl Task {
    /// A statement's text.
    pub fn text_of(&self, step: &Step) -> &str {
        &self.text[step.span.clone()]
    }

    /// Where a statement stands in its file.
    pub fn place_of(&self, step: &Step) -> Place {
        Place::new(&self.path, &self.text, Position::of(&self.text, step.span.start))
    }
}
