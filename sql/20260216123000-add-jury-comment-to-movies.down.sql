-- The comments are lost.
ALTER TABLE movies
    DROP COLUMN jury_comment;
