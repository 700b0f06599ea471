ALTER TABLE votes
    ADD COLUMN modification_count INT NOT NULL DEFAULT 0 COMMENT 'How often the vote was changed' AFTER comments;
