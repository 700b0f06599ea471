ALTER TABLE votes
    ADD COLUMN id_film INT NULL AFTER id_user;
