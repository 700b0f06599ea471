-- What the eight columns hold is lost.
ALTER TABLE movies
    DROP FOREIGN KEY fk_movies_id_user,
    DROP KEY idx_movies_id_user,
    DROP COLUMN id_user,
    DROP COLUMN selection_status,
    DROP COLUMN thumbnail,
    DROP COLUMN ai_tool,
    DROP COLUMN subtitle,
    DROP COLUMN synopsis_anglais,
    DROP COLUMN synopsis,
    DROP COLUMN translation;
