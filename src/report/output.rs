//! Where a report goes, and in which form.

/// How events are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Words for people.
    Human,
    /// One JSON object a line, on stdout.
    Json,
}

/// What stderr is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A terminal: what is drawn can be drawn again.
    Terminal,
    /// A file, a pipe.
    Log,
}
