//! Proof, on MySQL, of what became of a statement: all that a run commits has a GTID tag of uturn's own, and the server
//! commits the GTID atomically with it. Every statement that took effect has one, also one that changed nothing; a failed
//! one has none. The intent in front of it has one as well, so they are counted: one since the intent was written is the
//! intent's own, two are proof.
//!
//! Needs gtid_mode=ON and the binary log (both are MySQL 9's defaults), and an account with TRANSACTION_GTID_TAG and
//! SESSION_VARIABLES_ADMIN. Where it is not to be had, `evidence` alone decides.

use crate::db::flavour::Flavour;
use crate::db::packet;
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
    let settings = packet::ask(conn, "SELECT @@global.gtid_mode, @@global.log_bin").ok()?;
    let row = settings.first()?.first()?;
    if packet::word(row, 0) != "ON" || packet::number(row, 1) != 1 {
        return None;
    }
    // A server that logs some databases only has no GTID for what is done to the others. It takes a right to know.
    let status = ["SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"].iter().find_map(|ask| packet::ask(conn, ask).ok());
    let is_filtered = |row: &mysql::Row| !packet::word(row, 2).is_empty() || !packet::word(row, 3).is_empty();
    if status.is_some_and(|sets| sets.iter().flatten().any(is_filtered)) {
        return None;
    }
    let digest = Sha256::digest(database);
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let tag = format!("uturn_{hex}");
    packet::tell(conn, &format!("{}; {DISARM}", arm(&tag))).ok()?;
    Some(tag)
}

/// Gives the transactions of the session the tag. Must not stand inside a transaction.
pub fn arm(tag: &str) -> String {
    format!("SET SESSION gtid_next = 'AUTOMATIC:{tag}'")
}

/// Back to GTIDs without a tag.
const DISARM: &str = "SET SESSION gtid_next = 'AUTOMATIC'";

/// What is executed under the tag now.
pub fn executed(conn: &mut Conn, tag: &str) -> mysql::Result<Option<Executed>> {
    let answer = packet::ask(conn, "SELECT @@server_uuid, @@global.gtid_executed")?;
    Ok(answer[0].first().map(|row| Executed::under(tag, &packet::word(row, 0), &packet::word(row, 1))))
}

/// What was executed when an intent was written, which the server itself has put into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Since {
    tag: String,
    server: String,
    /// What of `@@gtid_executed` belongs to the server, `:1-9:tag:1-3`.
    set: String,
}

impl Since {
    /// Where.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// An expression of SQL for it, in JSON.
    pub fn expression(tag: &str) -> String {
        // Where the server has executed nothing of its own yet, this is the part of another one, without a colon in front.
        let own = "SUBSTRING_INDEX(SUBSTRING_INDEX(@@global.gtid_executed, LOWER(@@server_uuid), -1), ',', 1)";
        format!("CONCAT('{{\"tag\":\"{tag}\",\"server\":\"', @@server_uuid, '\",\"set\":\"', {own}, '\"}}')")
    }

    /// Whether something beside the intent was executed under the tag; nothing if the servers are not the same, or if this
    /// one does not even count the intent.
    pub fn went_on(&self, now: &Executed) -> Option<bool> {
        let own = if self.set.starts_with(':') { &self.set } else { "" };
        let then = Executed::under(&self.tag, &self.server, &format!("{}{own}", self.server));
        if then.server != now.server {
            return None;
        }
        match now.count().checked_sub(then.count())? {
            0 => None,
            1 => Some(false),
            _ => Some(true),
        }
    }
}

impl Executed {
    /// Where.
    pub fn server(&self) -> &str {
        &self.server
    }

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

    fn count(&self) -> u64 {
        let length = |interval: &str| -> Option<u64> {
            let (first, last) = interval.split_once('-').unwrap_or((interval, interval));
            Some(last.parse::<u64>().ok()?.saturating_sub(first.parse().ok()?) + 1)
        };
        self.intervals.split(':').filter_map(length).sum()
    }

    /// Whether something was executed under the tag in between, as the intents of an older uturn ask, which have no tag themselves; nothing if the servers
    /// are not the same.
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

    #[test]
    fn the_intent_counts_itself() {
        let since = |set: &str| Since { tag: "t".to_owned(), server: "A".to_owned(), set: set.to_owned() };
        let now = |server: &str, set: &str| Executed::under("t", server, &format!("{server}{set}"));
        for (then, later, expected) in [
            (":1-5:t:1-3:5", ":1-5:t:1-3:5-6", Some(false)),
            (":1-5:t:1-3:5", ":1-9:t:1-6", Some(true)),
            (":1-5", ":1-5:t:1", Some(false)),
            (":1-5", ":1-5:t:1-2", Some(true)),
            // Not even the intent's own: this server logs nothing of it.
            (":1-5:t:1-3", ":1-5:t:1-3", None),
            // Purged or reset since.
            (":1-5:t:1-3", ":1-5", None),
            ("B:1-5:t:1-3", ":1-5:t:1", Some(false)),
        ] {
            assert_eq!(since(then).went_on(&now("A", later)), expected, "{then} {later}");
        }
        assert_eq!(since(":t:1").went_on(&now("B", ":t:1-9")), None);
    }
}
