ALTER TABLE movies
    ADD COLUMN jury_comment TEXT NULL AFTER admin_comment;
