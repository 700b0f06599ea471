-- youtbe_status is spelt as it was: rename-youtube-status mends it.
ALTER TABLE movies
    ADD COLUMN youtbe_status VARCHAR(255) NULL AFTER jury_comment,
    ADD COLUMN youtube_movie_id VARCHAR(255) NULL AFTER youtbe_status;
