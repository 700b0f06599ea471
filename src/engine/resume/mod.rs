//! What a run that resumes must do again, and what it must do without.

mod hidden_variables;
pub mod session_replay;
#[cfg(test)]
mod tests;
