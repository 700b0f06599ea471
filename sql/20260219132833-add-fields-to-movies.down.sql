-- What the two columns hold is lost.
ALTER TABLE movies
    DROP COLUMN youtube_movie_id,
    DROP COLUMN youtbe_status;
