-- uturn: allow renames: the application that reads youtube_status is deployed with this, while the site is down
ALTER TABLE movies
    RENAME COLUMN youtbe_status TO youtube_status;
