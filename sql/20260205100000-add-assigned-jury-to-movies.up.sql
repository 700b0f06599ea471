-- One ALTER: adding a foreign key copies the table anyway, and this way it is all or nothing.
ALTER TABLE movies
    ADD COLUMN assigned_jury_id INT NULL AFTER id_user,
    ADD KEY idx_movies_assigned_jury_id (assigned_jury_id),
    ADD CONSTRAINT fk_movies_assigned_jury_id FOREIGN KEY (assigned_jury_id) REFERENCES users (id_user)
        ON UPDATE CASCADE ON DELETE SET NULL;
