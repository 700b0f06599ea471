//! What statements about objects have in common, before the kind of object and after its name.

use crate::statement::cursor::Cursor;

/// What is said before the kind of object.
#[derive(Clone, Copy, Default)]
pub(super) struct Head {
    pub(super) or_replace: bool,
    pub(super) is_temporary: bool,
    pub(super) is_online: bool,
    pub(super) is_ignoring: bool,
}

/// MariaDB: `WAIT n` and `NOWAIT` after a name.
pub(super) fn wait(cursor: &mut Cursor) {
    if cursor.eat(&["WAIT"]) {
        cursor.next();
    } else {
        cursor.eat(&["NOWAIT"]);
    }
}
