//! A migration whose up stopped part-way: what the journal and its files say of it.

use crate::engine::history;
use crate::engine::journal::{Down, DownData, OpenRun};
use crate::engine::preflight;
use crate::engine::program::packed::Steps;
use crate::engine::program::step::{Action, Step};
use crate::error::Result;
use crate::migration::name::{Direction, Name};
use crate::migration::pair::Migration;
use crate::schema::present::Present;
use crate::script::lexer::Modes;
use crate::script::source_text::Text;
use crate::statement::effects::Effects;
use crate::statement::names::Name as Named;
use crate::statement::objects::Made;
use crate::statement::row_effects;
use crate::statement::secrets;
use std::collections::HashSet;

/// A down that is to revert what a stopped up has done.
pub struct PartiallyApplied<'a> {
    /// The migration.
    pub name: &'a Name,
    /// The run that is open: of the up, or of this down, which stopped as well.
    pub open: &'a OpenRun,
    /// The migration's files, if they are at hand.
    pub file: Option<&'a Migration>,
    /// The down.
    pub text: &'a Text,
    /// How it is read.
    pub modes: Modes,
    /// What is in the database.
    pub present: Present,
}

/// The script of the up that ran.
pub(super) struct UpScript<'a> {
    pub(super) text: &'a Text,
    pub(super) steps: Steps,
}

impl UpScript<'_> {
    pub(super) fn text_of(&self, step: &Step) -> &str {
        &self.text[step.span.clone()]
    }

    /// The statements from this one on, by number, and whether they change which rows there are.
    pub(super) fn left(&self, from: usize) -> Vec<(usize, bool)> {
        let left = self.steps.range(from - 1..self.steps.len());
        left.map(|step| (step.number, row_effects::moves_rows(self.text_of(&step), step.modes))).collect()
    }

    /// What these statements make.
    pub(super) fn made(&self, steps: impl Iterator<Item = Step>) -> Made {
        let mut made = Made::default();
        steps.filter(is_ddl).for_each(|step| made.add(self.text_of(&step), step.modes));
        made
    }
}

pub(super) fn is_ddl(step: &Step) -> bool {
    matches!(step.action, Action::Ddl(_))
}

impl PartiallyApplied<'_> {
    /// Not known where its file is not at hand, or was changed since: the journal holds only the statements that ran.
    pub(super) fn up(&self) -> Result<Option<UpScript<'_>>> {
        let is_it = |file: &Migration, up| history::checksum(&file.name, up).to_string() == self.open.checksum;
        let up = self.file.and_then(|file| file.up.as_ref().ok().filter(|up| is_it(file, up)));
        let Some(up) = up else { return Ok(None) };
        Ok(Some(UpScript { text: &up.text, steps: preflight::steps(&up.path, &up.text, self.modes)? }))
    }

    /// The down that goes on is the one that was asked about, if it was.
    pub(super) fn is_as_it_was(&self) -> bool {
        let is_it = match &self.open.down {
            Down::Script(text) => text == self.text,
            Down::WithoutSecrets(cut) => secrets::cut_script(self.text) == **cut,
            Down::Irreversible(_) => false,
        };
        self.open.direction == Direction::Down && is_it
    }

    /// That a script may run whole is said of that script alone.
    pub(super) fn kept_answer(&self) -> Option<DownData> {
        self.open.down_data.filter(|answer| *answer == DownData::Skip || self.is_as_it_was())
    }

    /// The statements of the down that are over.
    pub(super) fn over(&self) -> HashSet<usize> {
        let own = if self.open.direction == Direction::Down { &self.open.steps[..] } else { &[] };
        own.iter().filter(|step| step.state.is_over()).map(|step| step.number).collect()
    }

    /// The tables that this down itself has created before it stopped.
    pub(super) fn created_by_down(&self) -> Vec<Named> {
        if !self.is_as_it_was() {
            return Vec::new();
        }
        let Ok(steps) = preflight::steps("", self.text, self.modes) else { return Vec::new() };
        let over = self.over();
        let done = steps.iter().filter(|step| over.contains(&step.number));
        let effects = done.map(|step| Effects::of(&self.text[step.span.clone()], step.modes));
        effects.flat_map(|one| one.creates).collect()
    }
}
