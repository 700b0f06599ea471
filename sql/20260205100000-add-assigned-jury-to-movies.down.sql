-- Which jury a movie was assigned to is lost.
ALTER TABLE movies
    DROP FOREIGN KEY fk_movies_assigned_jury_id,
    DROP KEY idx_movies_assigned_jury_id,
    DROP COLUMN assigned_jury_id;
