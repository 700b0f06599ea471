//! Proof, on MySQL, of what became of a statement: it is sent under a GTID tag of uturn's own, and the server commits the
//! GTID atomically with it. Every statement that took effect has one, also one that changed nothing; a failed one has none.
//!
//! Needs gtid_mode=ON and the binary log (both are MySQL 9's defaults), and an account with TRANSACTION_GTID_TAG and
//! SESSION_VARIABLES_ADMIN. Where it is not to be had, `evidence` alone decides.

use crate::db::send;
use crate::db::server::Flavour;
use mysql::Conn;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What is executed under a tag on one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    /// `@@server_uuid`: after a failover it is another one, and nothing is known.
    server: String,
    /// `1-41:43`
    intervals: String,
}

/// The tag for a database, if this session may use one. Tags are at most 32 of `a-z0-9_`.
pub fn tag(conn: &mut Conn, flavour: Flavour, database: &str) -> Option<String> {
    if flavour == Flavour::MariaDb {
        return None;
    }
    let settings = send::ask(conn, "SELECT @@global.gtid_mode, @@global.log_bin").ok()?;
    let row = settings.first()?.first()?;
    if send::word(row, 0) != "ON" || send::number(row, 1) != 1 {
        return None;
    }
    let digest = Sha256::digest(database);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("uturn_{hex}");
    send::tell(conn, &format!("{}{}", arm(&tag), DISARM)).ok()?;
    Some(tag)
}

/// Gives the next transactions of the session the tag. Must not stand inside a transaction.
pub fn arm(tag: &str) -> String {
    format!("SET SESSION gtid_next = 'AUTOMATIC:{tag}'; ")
}

/// Back to GTIDs without a tag.
pub const DISARM: &str = "SET SESSION gtid_next = 'AUTOMATIC'; ";

/// The question for `Executed`.
pub const QUESTION: &str = "SELECT @@server_uuid, @@global.gtid_executed";

impl Executed {
    /// Takes the tag's part out of the answer: `uuid:1-9:tag:1-3:5,\nuuid:…`.
    pub fn under(tag: &str, server: &str, executed: &str) -> Executed {
        let mut intervals = Vec::new();
        for set in executed.split(',') {
            let mut parts = set.trim().split(':');
            if !parts.next().is_some_and(|uuid| uuid.eq_ignore_ascii_case(server)) {
                continue;
            }
            let mut current = "";
            for part in parts {
                if part.starts_with(|c: char| c.is_ascii_digit()) {
                    if current == tag {
                        intervals.push(part);
                    }
                } else {
                    current = part;
                }
            }
        }
        Executed { server: server.to_owned(), intervals: intervals.join(":") }
    }

    /// Whether something was executed under the tag in between; nothing if the servers are not the same.
    pub fn went_on(&self, now: &Executed) -> Option<bool> {
        (self.server == now.server).then(|| self.intervals != now.intervals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_of_a_tag_is_taken_out() {
        let set = "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:other:1-2:uturn_a:1-3:5,\nffffffff-71ca-11e1-9e33-c80aa9429562:uturn_a:1-9";
        let executed = Executed::under("uturn_a", "3E11FA47-71CA-11E1-9E33-C80AA9429562", set);
        assert_eq!(executed.intervals, "1-3:5");
        let later = Executed { intervals: "1-5".to_owned(), ..executed.clone() };
        assert_eq!(executed.went_on(&later), Some(true));
        assert_eq!(executed.went_on(&executed), Some(false));
        assert_eq!(executed.went_on(&Executed { server: "other".to_owned(), ..later }), None);
    }
}
