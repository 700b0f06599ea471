ALTER TABLE movies
    RENAME COLUMN youtube_status TO youtbe_status;
