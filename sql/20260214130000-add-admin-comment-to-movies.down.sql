-- The comments are lost.
ALTER TABLE movies
    DROP COLUMN admin_comment;
