//! `uturn undo`, and what it shares with `redo`, `reset` and `drop`.

mod announced_names;
mod data_loss;
mod down_without_effect;
mod newest;
mod partially_applied;
mod partially_applied_drops;
mod recorded_down;
