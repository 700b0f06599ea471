-- A table that is there already is left as it is.
-- uturn: allow if-not-exists: some installations made this table by hand before there was a migration for it
CREATE TABLE IF NOT EXISTS vote_histories (
    id_vote_history INT NOT NULL AUTO_INCREMENT,
    id_vote INT NOT NULL,
    id_user INT NOT NULL,
    id_movie INT NOT NULL,
    note FLOAT NOT NULL,
    comments TEXT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_vote_history),
    KEY idx_vote_histories_id_vote (id_vote),
    CONSTRAINT fk_vote_histories_id_vote FOREIGN KEY (id_vote) REFERENCES votes (id_vote)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
