-- uturn: allow drops-column: nothing reads or writes id_film; a vote names its movie by id_movie
-- What id_film holds is lost: undo brings the column back with NULL in every row.
ALTER TABLE votes
    DROP COLUMN id_film;
