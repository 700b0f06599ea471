-- What id_film holds is lost: undo brings the column back with NULL in every row.
ALTER TABLE votes
    DROP COLUMN id_film;
