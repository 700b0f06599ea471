//! What is cut, and what is not.

use super::*;

/// Whatever it is in, this must not be shown.
const CUT: [(&str, &str); 80] = [
    (
        "CREATE USER x IDENTIFIED BY 'x' 'geheim' ACCOUNT LOCK",
        "CREATE USER x IDENTIFIED BY <secret> <secret> ACCOUNT LOCK",
    ),
    ("CREATE USER x IDENTIFIED BY 'x'/**/\n'geheim', y", "CREATE USER x IDENTIFIED BY <secret>/**/\n<secret>, y"),
    ("CREATE USER x IDENTIFIED BY 'geheim'", "CREATE USER x IDENTIFIED BY <secret>"),
    (
        "create user 'x'@'%' identified/**/by\n\"geheim\" REQUIRE SSL",
        "create user 'x'@'%' identified/**/by\n<secret> REQUIRE SSL",
    ),
    (
        "CREATE USER a IDENTIFIED BY 'geheim', b@'h' IDENTIFIED BY 'geheim'",
        "CREATE USER a IDENTIFIED BY <secret>, b@'h' IDENTIFIED BY <secret>",
    ),
    (
        "CREATE USER x IDENTIFIED WITH caching_sha2_password BY 'geheim'",
        "CREATE USER x IDENTIFIED WITH caching_sha2_password BY <secret>",
    ),
    (
        "CREATE USER x IDENTIFIED WITH 'plugin' AS '*geheim' COMMENT 'c'",
        "CREATE USER x IDENTIFIED WITH 'plugin' AS <secret> COMMENT 'c'",
    ),
    ("CREATE USER x IDENTIFIED WITH p AS 0x6765686569", "CREATE USER x IDENTIFIED WITH p AS <secret>"),
    ("CREATE USER x IDENTIFIED WITH p AS X'6765686569'", "CREATE USER x IDENTIFIED WITH p AS X<secret>"),
    ("CREATE USER x IDENTIFIED BY PASSWORD '*geheim'", "CREATE USER x IDENTIFIED BY PASSWORD <secret>"),
    (
        "CREATE USER x IDENTIFIED VIA ed25519 USING PASSWORD('geheim') OR unix_socket",
        "CREATE USER x IDENTIFIED VIA ed25519 USING PASSWORD(<secret>) OR unix_socket",
    ),
    (
        "CREATE USER x IDENTIFIED VIA a USING 'geheim' OR b USING 'geheim'",
        "CREATE USER x IDENTIFIED VIA a USING <secret> OR b USING <secret>",
    ),
    (
        "CREATE USER x IDENTIFIED BY 'geheim' AND IDENTIFIED WITH p BY 'geheim'",
        "CREATE USER x IDENTIFIED BY <secret> AND IDENTIFIED WITH p BY <secret>",
    ),
    (
        "ALTER USER x IDENTIFIED BY 'geheim' REPLACE 'geheim' RETAIN CURRENT PASSWORD",
        "ALTER USER x IDENTIFIED BY <secret> REPLACE <secret> RETAIN CURRENT PASSWORD",
    ),
    (
        "ALTER USER x 2 FACTOR FINISH REGISTRATION SET CHALLENGE_RESPONSE AS 'geheim'",
        "ALTER USER x 2 FACTOR FINISH REGISTRATION SET CHALLENGE_RESPONSE AS <secret>",
    ),
    (
        "CREATE USER x IDENTIFIED WITH p INITIAL AUTHENTICATION IDENTIFIED BY 'geheim'",
        "CREATE USER x IDENTIFIED WITH p INITIAL AUTHENTICATION IDENTIFIED BY <secret>",
    ),
    (
        "GRANT ALL ON *.* TO x@'%' IDENTIFIED BY 'geheim' WITH GRANT OPTION",
        "GRANT ALL ON *.* TO x@'%' IDENTIFIED BY <secret> WITH GRANT OPTION",
    ),
    ("SET PASSWORD = 'geheim'", "SET PASSWORD = <secret>"),
    ("SET PASSWORD FOR 'x'@'h' = 'geheim' REPLACE 'geheim'", "SET PASSWORD FOR 'x'@'h' = <secret> REPLACE <secret>"),
    ("SET PASSWORD FOR CURRENT_USER() = PASSWORD('geheim')", "SET PASSWORD FOR CURRENT_USER() = PASSWORD(<secret>)"),
    ("SET PASSWORD = OLD_PASSWORD('geheim')", "SET PASSWORD = OLD_PASSWORD(<secret>)"),
    (
        "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD='geheim', MASTER_PORT=3306",
        "CHANGE MASTER TO MASTER_HOST='h', MASTER_PASSWORD=<secret>, MASTER_PORT=3306",
    ),
    (
        "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = \"geheim\"",
        "CHANGE REPLICATION SOURCE TO SOURCE_PASSWORD = <secret>",
    ),
    ("START REPLICA USER='u' PASSWORD='geheim'", "START REPLICA USER='u' PASSWORD=<secret>"),
    ("START GROUP_REPLICATION USER='u', PASSWORD='geheim'", "START GROUP_REPLICATION USER='u', PASSWORD=<secret>"),
    (
        "CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY 'geheim' REQUIRE SSL",
        "CLONE INSTANCE FROM 'u'@'h':3306 IDENTIFIED BY <secret> REQUIRE SSL",
    ),
    (
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD 'geheim', HOST 'h')",
        "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'u', PASSWORD <secret>, HOST 'h')",
    ),
    (
        "CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://u:geheim@h:3306/d/t'",
        "CREATE TABLE t (a INT) ENGINE=FEDERATED CONNECTION='mysql://u:<secret>@h:3306/d/t'",
    ),
    (
        "CREATE TABLE t (a INT) ENGINE=SPIDER COMMENT='user \"u\", password \"geheim\", port \"3306\"'",
        "CREATE TABLE t (a INT) ENGINE=SPIDER COMMENT='user \"u\", password <secret>, port \"3306\"'",
    ),
    ("UPDATE t SET a = AES_ENCRYPT(b, 'geheim'), c = 'x'", "UPDATE t SET a = AES_ENCRYPT(b, <secret>), c = 'x'"),
    (
        "INSERT INTO t VALUES (HEX(AES_ENCRYPT('geheim', UNHEX(SHA2('geheim', 512)))), 'x')",
        "INSERT INTO t VALUES (HEX(AES_ENCRYPT(<secret>, UNHEX(SHA2(<secret>, 512)))), 'x')",
    ),
    (
        "SELECT DES_ENCRYPT(a, 'geheim'), ENCRYPT('geheim'), ENCODE(a, 'geheim')",
        "SELECT DES_ENCRYPT(a, <secret>), ENCRYPT(<secret>), ENCODE(a, <secret>)",
    ),
    ("INSERT INTO u VALUES ('admin', MD5('geheim'))", "INSERT INTO u VALUES ('admin', MD5(<secret>))"),
    ("UPDATE u SET `password` = 'geheim' WHERE id = 1", "UPDATE u SET `password` = <secret> WHERE id = 1"),
    ("UPDATE u SET \"password\" = 'geheim', a = \"b\"", "UPDATE u SET \"password\" = <secret>, a = \"b\""),
    (
        "UPDATE u SET password = CONCAT('gehe', 'geheim') WHERE a = 'b'",
        "UPDATE u SET password = CONCAT(<secret>, <secret>) WHERE a = 'b'",
    ),
    (
        "UPDATE mysql.user SET authentication_string = '*geheim'",
        "UPDATE mysql.user SET authentication_string = <secret>",
    ),
    ("SET @db_password := _utf8mb4'geheim', @a = 'b'", "SET @db_password := _utf8mb4<secret>, @a = 'b'"),
    ("SET @encryption_key = 'geheim'", "SET @encryption_key = <secret>"),
    ("SET GLOBAL keyring_hashicorp_secret_id = 'geheim'", "SET GLOBAL keyring_hashicorp_secret_id = <secret>"),
    (
        "ALTER USER x ATTRIBUTE '{\"password\": \"geheim\", \"a\": \"b\"}'",
        "ALTER USER x ATTRIBUTE '{\"password\": <secret>, \"a\": \"b\"}'",
    ),
    (
        "PREPARE s FROM 'CREATE USER x IDENTIFIED BY ''geheim'' REQUIRE SSL'",
        "PREPARE s FROM 'CREATE USER x IDENTIFIED BY <secret> REQUIRE SSL'",
    ),
    ("SET @s = \"CREATE USER x IDENTIFIED BY 'geheim'\"", "SET @s = \"CREATE USER x IDENTIFIED BY <secret>\""),
    (
        r"EXECUTE IMMEDIATE 'CREATE USER x IDENTIFIED BY \'geheim\''",
        "EXECUTE IMMEDIATE 'CREATE USER x IDENTIFIED BY <secret>'",
    ),
    (
        r"SET @s = 'PREPARE t FROM ''CREATE USER x IDENTIFIED BY \'\'geheim\'\''''; DO 1",
        r"SET @s = 'PREPARE t FROM ''CREATE USER x IDENTIFIED BY <secret>'''; DO 1",
    ),
    (
        "SET @s = CONCAT('CREATE USER x IDENTIFIED BY ''', 'geheim', '''')",
        "SET @s = CONCAT('CREATE USER x IDENTIFIED BY <secret>'<secret>",
    ),
    (
        "SET @s = CONCAT('CREATE USER x IDENTIFIED BY ', QUOTE('geheim'))",
        "SET @s = CONCAT('CREATE USER x IDENTIFIED BY '<secret>",
    ),
    (
        "SET @s = CONCAT(\"SET PASSWORD = PASSWORD('\", 'geheim', \"')\")",
        "SET @s = CONCAT(\"SET PASSWORD = PASSWORD(<secret>\"<secret>",
    ),
    (
        "CREATE PROCEDURE p() BEGIN CREATE USER x IDENTIFIED BY 'geheim'; SELECT 1 AS 'a'; END",
        "CREATE PROCEDURE p() BEGIN CREATE USER x IDENTIFIED BY <secret>; SELECT 1 AS 'a'; END",
    ),
    ("/*!50706 ALTER USER x IDENTIFIED BY 'geheim' */", "/*!50706 ALTER USER x IDENTIFIED BY <secret> */"),
    ("ALTER USER x /*M!100100 IDENTIFIED BY*/ 'geheim'", "ALTER USER x /*M!100100 IDENTIFIED BY*/ <secret>"),
    ("DO 1 -- CREATE USER x IDENTIFIED BY 'geheim'\n, 'a'", "DO 1 -- CREATE USER x IDENTIFIED BY <secret>\n, 'a'"),
    ("DO 1 /* SET PASSWORD = 'geheim' */", "DO 1 /* SET PASSWORD = <secret> */"),
    (r"CREATE USER x IDENTIFIED BY 'it\'s geheim' REQUIRE SSL", "CREATE USER x IDENTIFIED BY <secret> REQUIRE SSL"),
    (r"CREATE USER x IDENTIFIED BY 'a\' COMMENT 'geheim'", "CREATE USER x IDENTIFIED BY <secret>"),
    ("CREATE USER x IDENTIFIED BY 'it''s geheim', y", "CREATE USER x IDENTIFIED BY <secret>, y"),
    // What nobody can read, and a server does not take.
    ("CREATE USER x IDENTIFIED BY 'it's geheim' REQUIRE SSL", "CREATE USER x IDENTIFIED BY <secret>"),
    ("CREATE USER x IDENTIFIED BY geheim!x REQUIRE SSL", "CREATE USER x IDENTIFIED BY <secret> REQUIRE SSL"),
    ("CREATE USER x IDENTIFIED BY $geheim REQUIRE SSL", "CREATE USER x IDENTIFIED BY <secret> REQUIRE SSL"),
    ("CREATE USER x IDENTIFIED BY `geheim`", "CREATE USER x IDENTIFIED BY <secret>"),
    ("CREATE USER x IDENTIFIED 'geheim'", "CREATE USER x IDENTIFIED <secret>"),
    ("CREATE USER x IDENTIFIED BU 'geheim'", "CREATE USER x IDENTIFIED BU <secret>"),
    ("CREATE USER x IDENTFIED BY 'geheim'", "CREATE USER x IDENTFIED BY <secret>"),
    ("GRANT ALL ON *.* TO x IDENTFIED BY 'geheim'", "GRANT ALL ON *.* TO x IDENTFIED BY <secret>"),
    ("SET @smtp_pass = 'geheim', @userpass = 'geheim'", "SET @smtp_pass = <secret>, @userpass = <secret>"),
    ("SET @root_pass = 'geheim', @b = 'b'", "SET @root_pass = <secret>, @b = 'b'"),
    ("UPDATE u SET api_token = 'geheim', token = 'geheim'", "UPDATE u SET api_token = <secret>, token = <secret>"),
    ("UPDATE u SET password_hash = 'geheim', a = 'b'", "UPDATE u SET password_hash = <secret>, a = 'b'"),
    (
        "UPDATE u SET secret_value = 'geheim', `enc_key` = 'geheim'",
        "UPDATE u SET secret_value = <secret>, `enc_key` = <secret>",
    ),
    ("SET @stripe_api_key = 'geheim', @primary_key = 'b'", "SET @stripe_api_key = <secret>, @primary_key = 'b'"),
    (
        "SELECT JSON_OBJECT('a', 'b', 'password', 'geheim', 'c', 'd')",
        "SELECT JSON_OBJECT('a', 'b', 'password', <secret>, 'c', 'd')",
    ),
    (
        "UPDATE u SET d = JSON_SET(d, '$.smtp.pass', 'geheim'), a = 'b'",
        "UPDATE u SET d = JSON_SET(d, '$.smtp.pass', <secret>), a = 'b'",
    ),
    (
        "SELECT hmac_sha256('geheim', a), my_encrypt(b, 'geheim'), 'c'",
        "SELECT hmac_sha256(<secret>, a), my_encrypt(b, <secret>), 'c'",
    ),
    (
        "BEGIN NOT ATOMIC DECLARE password VARCHAR(20) DEFAULT 'geheim'; DECLARE a CHAR(1) DEFAULT 'b'; END",
        "BEGIN NOT ATOMIC DECLARE password VARCHAR(20) DEFAULT <secret>; DECLARE a CHAR(1) DEFAULT 'b'; END",
    ),
    (
        "CREATE TABLE t (a INT) ENGINE=CONNECT TABLE_TYPE=MYSQL OPTION_LIST='user=root,password=geheim,host=h'",
        "CREATE TABLE t (a INT) ENGINE=CONNECT TABLE_TYPE=MYSQL OPTION_LIST='user=root,password=<secret>,host=h'",
    ),
    (
        "CREATE TABLE t (a INT) ENGINE=CONNECT CONNECTION='DSN=d;UID=root;PWD=geheim;X=y'",
        "CREATE TABLE t (a INT) ENGINE=CONNECT CONNECTION='DSN=d;UID=root;PWD=<secret>;X=y'",
    ),
    ("DO 1 /* OPTIONS (PASSWORD 'geheim', HOST 'h') */", "DO 1 /* OPTIONS (PASSWORD <secret>, HOST 'h') */"),
    ("DO 1 -- PASSWORD 'geheim'\n, 'a'", "DO 1 -- PASSWORD <secret>\n, 'a'"),
    ("CREATE USER x PASSWORD 'geheim'", "CREATE USER x PASSWORD <secret>"),
    ("CREATE USER x IDENTIFIED BY 'geheim", "CREATE USER x IDENTIFIED BY <secret>"),
];

const KEPT: [&str; 36] = [
    "CREATE USER 'x'@'%' REQUIRE SUBJECT 'a' ISSUER 'b' COMMENT 'password' ACCOUNT LOCK",
    "CREATE USER x IDENTIFIED BY ''",
    "CREATE USER x IDENTIFIED BY RANDOM PASSWORD PASSWORD EXPIRE INTERVAL 90 DAY COMMENT 'a'",
    "CREATE USER x IDENTIFIED WITH 'auth_socket' COMMENT 'a'",
    "ALTER USER x PASSWORD HISTORY 10 PASSWORD REUSE INTERVAL 365 DAY PASSWORD REQUIRE CURRENT COMMENT 'a'",
    "ALTER USER x DISCARD OLD PASSWORD",
    "CREATE TABLE u (id INT, password VARCHAR(60) NOT NULL DEFAULT 'none' COMMENT 'bcrypt', KEY password (password))",
    "INSERT INTO u (email, password) VALUES ('a@b.c', 'a')",
    "INSERT INTO kinds VALUES ('password', 'secret'), ('pass', 'fail')",
    "UPDATE u SET password = NULL, password_expires = '2026-01-01'",
    "UPDATE u SET password = ''",
    "UPDATE u SET kind = 'password', label = 'Your password' WHERE label = 'x'",
    "SELECT 1 AS 'a' FROM identifiers ORDER BY 'x', 'password' GROUP BY 'y'",
    "LOAD DATA INFILE 'f' INTO TABLE passwords FIELDS TERMINATED BY ',' ENCLOSED BY '\"' ESCAPED BY '\\\\' LINES STARTING BY 'x'",
    "CREATE SEQUENCE password_seq START WITH 100 INCREMENT BY 100",
    "SET GLOBAL validate_password.policy = 'STRONG', default_password_lifetime = 90",
    "SET GLOBAL disconnect_on_expired_password = 1",
    "SET old_passwords = 0",
    "REPLACE INTO passwords VALUES ('a')",
    "UPDATE t SET password_hint = REPLACE(password_hint, 'a', 'b')",
    "ALTER TABLE t ENCRYPTION='Y', ENCRYPTED=YES, ENCRYPTION_KEY_ID=2000",
    "INSERT INTO links VALUES ('https://example.com/a:b', 'mailto:a@b.c', 'http://h:80/x')",
    "INSERT INTO notes VALUES ('identified by the guard', 'b')",
    "DROP USER x -- made by 'deploy', with its password",
    "GRANT SELECT (password) ON u TO 'x'@'%'",
    "CREATE VIEW v AS SELECT 'a' AS secret_santa, password AS p, 'b' FROM u",
    "CREATE DEFINER = 'a'@'b' TRIGGER t BEFORE INSERT ON u FOR EACH ROW SET NEW.password = LOWER(NEW.password)",
    "SELECT password('') FROM secrets",
    "CREATE USER x IDENTIFIED BY <secret> REPLACE <secret> COMMENT 'a'",
    "SET @s = CONCAT('DROP USER ', 'x')",
    "UPDATE t SET compass = 'north', primary_key = 'a', foreign_key = 'b', tokens = 'c', token_type = 'd'",
    "SELECT 'a' INTO @b FROM u WHERE password IS NULL",
    "SELECT 'a' = b, password FROM u",
    "SELECT JSON_OBJECT('user', 'b', 'kind', 'a')",
    "DECLARE a CHAR(9) DEFAULT 'b'",
    "PREPARE s FROM 'UPDATE u SET password=?, a=1 WHERE token=@t'",
];

#[test]
fn secrets_are_cut_and_the_rest_stays() {
    for (sql, expected) in CUT {
        assert_eq!(cut(sql), expected, "{sql}");
    }
}

#[test]
fn a_literal_is_a_secret_by_the_name_behind_it() {
    for (sql, expected) in [
        (
            "SELECT 1 FROM u WHERE 'geheim' = password AND a = 'b'",
            "SELECT 1 FROM u WHERE <secret> = password AND a = 'b'",
        ),
        (
            "DELETE FROM u WHERE 'geheim' <=> u.`token` OR a = 'b'",
            "DELETE FROM u WHERE <secret> <=> u.`token` OR a = 'b'",
        ),
        ("SELECT 'geheim' INTO @password", "SELECT <secret> INTO @password"),
        (
            "SELECT CONCAT('geheim', 'geheim'), 'a' INTO @db_password, @b",
            "SELECT CONCAT(<secret>, <secret>), <secret> INTO @db_password, @b",
        ),
        ("SELECT 'a'; SELECT 'geheim' INTO @x, @password", "SELECT 'a'; SELECT <secret> INTO @x, @password"),
    ] {
        assert_eq!(cut(sql), expected);
    }
}

#[test]
fn what_is_no_secret_stays() {
    for sql in KEPT {
        assert_eq!(cut(sql), sql);
    }
}

#[test]
fn a_text_that_ends_in_a_secret_shows_no_part_of_it() {
    for (sql, _) in CUT {
        for end in (0..sql.len()).filter(|end| sql.is_char_boundary(*end)) {
            let shown = cut(&sql[..end]).into_owned();
            assert!(!shown.contains("geh") && !shown.contains("67656"), "{} -> {shown}", &sql[..end]);
        }
    }
}

#[test]
fn what_was_cut_is_not_cut_again() {
    for (sql, _) in CUT {
        let once = cut(sql).into_owned();
        assert_eq!(cut(&once).replace("<secret><secret>", MARK), once.replace("<secret><secret>", MARK), "{sql}");
    }
}

#[test]
fn a_line_of_a_script_keeps_its_columns() {
    let script = "\u{feff}DO 1;\nCREATE USER é IDENTIFIED BY\n 'geh\n eim'; DO 2; SET PASSWORD='geheim'; DO 3;\n";
    let at = |line, column| line_at(script, line, column);
    assert_eq!(at(2, 1), "CREATE USER é IDENTIFIED BY");
    assert_eq!(at(3, 1), " <secret>");
    assert_eq!(at(4, 1), "<secret>; DO 2; SET PASSWORD=<secret>; DO 3;");
    assert_eq!(at(4, 8), "       DO 2; SET PASSWORD=<secret>; DO 3;", "too narrow for the mark");
    assert_eq!(at(4, 37), format!("<secret>{}DO 3;", " ".repeat(28)));
    assert_eq!(at(3, 5), "    <secret>");
    assert_eq!((at(1, 1), at(9, 1)), ("DO 1;".to_owned(), String::new()));
}

fn line_at(script: &str, line: u32, column: u32) -> String {
    Script::of(script).line(Position { line, column })
}

#[test]
fn the_servers_words_show_no_part_of_a_secret() {
    let near =
        |quote: &str| format!("You have an error in your SQL syntax; check the manual to use near '{quote}' at line 1");
    for (sql, quote, expected) in [
        ("CREATE USER x IDENTIFIED 'geheim' FOO", "'geheim' FOO", "<secret> FOO"),
        ("CREATE USER x IDENTFIED BY 'geheim'", "IDENTFIED BY 'geheim'", "IDENTFIED BY <secret>"),
        ("CREATE USER x IDENTIFIED BY 'geheim' REQUIRE SLS", "SLS", "SLS"),
        ("CREATE USER x IDENTIFIED WITH BY 'geheim' REQUIRE", "BY 'gehe", "BY <secret>"),
        ("EXECUTE s", "BY 'geheim'", "<secret>"),
        ("EXECUTE s", "geheim REQUIRE SSL", "<secret>"),
        ("EXECUTE s", "0x676568 REQUIRE SSL", "<secret>"),
        ("EXECUTE s", "FROM t", "FROM t"),
        ("SELECT 'a' FORM t", "FORM t", "FORM t"),
        ("SELECT 'a' 'b' c d", "'a' 'b' c d", "'a' 'b' c d"),
    ] {
        assert_eq!(cut_said(1064, &near(quote), sql), near(expected), "{sql}");
    }
    let sql = "UPDATE u SET password = 'geheim'";
    let said = "Duplicate entry 'geheim' for key 'u.password'";
    assert_eq!(cut_said(1062, said, sql), "Duplicate entry '<secret>' for key 'u.password'");
    assert_eq!(
        cut_said(1062, "Duplicate entry 'a' for key 'b'", "INSERT INTO u VALUES ('a')"),
        "Duplicate entry 'a' for key 'b'"
    );
}

#[test]
fn no_text_makes_it_fail() {
    for sql in [
        "'",
        "\"",
        "`",
        "''",
        "password '",
        "IDENTIFIED BY '\\",
        "IDENTIFIED BY '''",
        "/*",
        "/* password '",
        "é'password=\\'é",
        "password=(",
        "://:@",
        "'://a:b@'",
    ] {
        for end in (0..=sql.len()).filter(|end| sql.is_char_boundary(*end)) {
            cut(&sql[..end]);
            cut_said(1064, &sql[..end], sql);
        }
    }
}
