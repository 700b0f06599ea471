-- The counts are lost.
ALTER TABLE votes
    DROP COLUMN modification_count;
