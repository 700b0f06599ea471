//! uturn beside other tools, on the same migrations. `scripts/test --peers` installs them and runs this.

#[path = "../support/mod.rs"]
mod support;

mod sequelize;
