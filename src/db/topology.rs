//! The server among others: whether it may be written to, whether it is one node of a cluster, and by what it is known again.
//!
//! uturn's locks (GET_LOCK) hold on one node only. Two runners on two nodes of a cluster that writes everywhere would both get
//! theirs, and run every statement twice.

use crate::db::connect::{Access, ClusterUse};
use crate::db::packet;
use crate::error::{Error, Kind, Result};
use mysql::{Conn, Row};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// What the server says of itself.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    variables: BTreeMap<String, String>,
    status: BTreeMap<String, String>,
}

/// Not every server has each of them, so a SELECT of `@@name` would fail.
const VARIABLES: [&str; 11] = [
    "read_only",
    "super_read_only",
    "innodb_read_only",
    "wsrep_on",
    "group_replication_single_primary_mode",
    "hostname",
    "port",
    "datadir",
    "server_id",
    "server_uid",
    "server_uuid",
];

/// Those that forbid writing. MariaDB's `read_only` has more values than ON and OFF since 12.
const READ_ONLY: [&str; 3] = ["super_read_only", "read_only", "innodb_read_only"];

/// A member that leaves the group, or has left it, takes no writes. Of one that cannot be reached nobody knows.
const MEMBERS: &str = "SELECT COUNT(*) FROM performance_schema.replication_group_members \
                       WHERE MEMBER_STATE NOT IN ('OFFLINE', 'ERROR')";

/// The questions, two statements for a packet.
pub fn question() -> String {
    let names: Vec<String> = VARIABLES.iter().map(|name| format!("'{name}'")).collect();
    format!(
        "SHOW GLOBAL VARIABLES WHERE Variable_name IN ({}); \
         SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', 'wsrep_cluster_size')",
        names.join(", ")
    )
}

/// Refuses where nothing may be written here: for a session that sends nothing else meanwhile.
pub fn check(conn: &mut Conn, access: &Access) -> Result<()> {
    let sets = packet::ask(conn, &question()).map_err(|error| access.explain(&error))?;
    Topology::read(&sets).check(conn, access.cluster)
}

impl Topology {
    /// From the answers.
    pub fn read(sets: &[Vec<Row>]) -> Topology {
        let pair = |row: &Row| (packet::word(row, 0).to_lowercase(), packet::word(row, 1));
        let mut maps = sets.iter().map(|rows| rows.iter().map(pair).collect());
        Topology { variables: maps.next().unwrap_or_default(), status: maps.next().unwrap_or_default() }
    }

    /// Seconds since the server started.
    pub fn uptime(&self) -> u64 {
        self.status("Uptime")
    }

    /// By what the server is known again, beside its host name and port: another one may have both of them after a failover.
    /// MySQL keeps a UUID with its data. MariaDB's `server_uid` is made of the machine and the port alone, so the folder
    /// of the data and the id in replication belong to it.
    pub fn identity(&self) -> String {
        let own = match self.variable("server_uuid") {
            "" => {
                let parts = ["server_uid", "datadir", "server_id"].map(|name| self.variable(name)).join("\0");
                format!("{:x}", Sha256::digest(parts))[..16].to_owned()
            }
            uuid => uuid.to_owned(),
        };
        format!("{}:{} {own}", self.variable("hostname"), self.variable("port"))
    }

    /// Refuses a server that is read-only, for whatever account, and one node of a cluster.
    pub fn check(&self, conn: &mut Conn, cluster: ClusterUse) -> Result<()> {
        if let Some(setting) = self.read_only() {
            return Err(Error::new(Kind::Rights, format!("the server is read-only: {setting}"))
                .truth("nothing has been changed")
                .hint("run this on the primary: check DB_HOST (or DATABASE_URL)"));
        }
        match (cluster, self.cluster(conn)) {
            (ClusterUse::Allowed, _) | (ClusterUse::Refused, None) => Ok(()),
            (ClusterUse::Refused, Some(what)) => Err(Error::new(Kind::Guard, what)
                .truth("nothing has been changed; uturn's lock holds on one node only, and two runners on two nodes would run statements twice")
                .hint("make sure that no other uturn runs on any node, then run this again with `--allow-cluster`, which states it")),
        }
    }

    fn read_only(&self) -> Option<String> {
        let is_on = |name: &&&str| !matches!(self.variable(name), "" | "OFF" | "0");
        READ_ONLY.iter().find(is_on).map(|name| format!("`{name}` is {}", self.variable(name)))
    }

    /// What cluster it is a node of, if several of its nodes take writes.
    fn cluster(&self, conn: &mut Conn) -> Option<String> {
        let nodes = self.status("wsrep_cluster_size");
        if self.variable("wsrep_on") == "ON" && nodes > 1 {
            return Some(format!("the server is one of {nodes} nodes of a Galera cluster"));
        }
        if self.variable("group_replication_single_primary_mode") != "OFF" {
            return None;
        }
        let group = "a group in multi-primary mode (`group_replication_single_primary_mode` is OFF)";
        match packet::ask(conn, MEMBERS) {
            Ok(sets) => {
                let members = sets[0].first().map_or(0, |row| packet::number(row, 0));
                (members > 1).then(|| format!("the server is one of {members} members of {group}"))
            }
            Err(error) => {
                log::debug!("members of the group: {error}");
                Some(format!(
                    "the server may be one of several members of {group}, and the account may not read \
                     `performance_schema.replication_group_members`"
                ))
            }
        }
    }

    fn variable(&self, name: &str) -> &str {
        self.variables.get(name).map_or("", String::as_str)
    }

    fn status(&self, name: &str) -> u64 {
        self.status.get(&name.to_lowercase()).and_then(|value| value.parse().ok()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Topology {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Topology { variables, status: BTreeMap::new() }
    }

    #[test]
    fn each_value_of_read_only_but_off_forbids_to_write() {
        for value in ["ON", "1", "NO_LOCK", "NO_LOCK_NO_ADMIN"] {
            assert_eq!(with(&[("read_only", value)]).read_only(), Some(format!("`read_only` is {value}")));
        }
        for value in ["OFF", "0"] {
            assert_eq!(with(&[("read_only", value), ("super_read_only", "OFF")]).read_only(), None);
        }
        assert!(with(&[("read_only", "OFF"), ("innodb_read_only", "ON")]).read_only().is_some());
    }

    #[test]
    fn a_server_is_known_by_more_than_host_name_and_port() {
        let place = [("hostname", "db"), ("port", "3306")];
        let of = |own: &[(&str, &str)]| with(&[&place[..], own].concat()).identity();
        assert_eq!(of(&[("server_uuid", "a-b"), ("datadir", "/x")]), "db:3306 a-b");
        let maria = |uid, folder, id| of(&[("server_uid", uid), ("datadir", folder), ("server_id", id)]);
        let one = maria("u", "/a/", "1");
        assert!(one.starts_with("db:3306 ") && one == maria("u", "/a/", "1"));
        for other in [maria("v", "/a/", "1"), maria("u", "/b/", "1"), maria("u", "/a/", "2")] {
            assert_ne!(one, other);
        }
    }
}
