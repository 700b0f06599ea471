-- One ALTER: adding a foreign key copies the table anyway, and this way it is all or nothing.
-- id_user starts as NULL, since the rows that are there have no owner yet.
ALTER TABLE movies
    ADD COLUMN translation VARCHAR(255) NULL AFTER workshop,
    ADD COLUMN synopsis TEXT NULL AFTER translation,
    ADD COLUMN synopsis_anglais TEXT NULL AFTER synopsis,
    ADD COLUMN subtitle VARCHAR(255) NULL AFTER synopsis_anglais,
    ADD COLUMN ai_tool VARCHAR(255) NULL AFTER subtitle,
    ADD COLUMN thumbnail VARCHAR(255) NULL AFTER ai_tool,
    ADD COLUMN selection_status ENUM('submitted', 'refused', 'to_discuss', 'selected', 'finalist') NOT NULL DEFAULT 'submitted' AFTER thumbnail,
    ADD COLUMN id_user INT NULL AFTER selection_status,
    ADD KEY idx_movies_id_user (id_user),
    ADD CONSTRAINT fk_movies_id_user FOREIGN KEY (id_user) REFERENCES users (id_user)
        ON UPDATE CASCADE ON DELETE CASCADE;

-- The oldest ADMIN, or else the oldest user, becomes the owner. Movies without any user stop here:
-- 0 is nobody, so fk_movies_id_user refuses it (error 1452).
UPDATE movies
SET id_user = COALESCE(
    (SELECT users.id_user FROM users ORDER BY users.role = 'ADMIN' DESC, users.createdAt, users.id_user LIMIT 1),
    0
)
WHERE id_user IS NULL;

ALTER TABLE movies
    MODIFY COLUMN id_user INT NOT NULL;
