ALTER TABLE movies
    ADD COLUMN admin_comment TEXT NULL AFTER assigned_jury_id;
