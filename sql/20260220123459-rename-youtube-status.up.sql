ALTER TABLE movies
    RENAME COLUMN youtbe_status TO youtube_status;
