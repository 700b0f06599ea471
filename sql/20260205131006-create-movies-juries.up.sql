-- The primary key serves fk_movies_juries_id_movie as its index. id_user comes second there, so it needs a key.
CREATE TABLE movies_juries (
    id_movie INT NOT NULL,
    id_user INT NOT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_movie, id_user),
    KEY idx_movies_juries_id_user (id_user),
    CONSTRAINT fk_movies_juries_id_movie FOREIGN KEY (id_movie) REFERENCES movies (id_movie)
        ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT fk_movies_juries_id_user FOREIGN KEY (id_user) REFERENCES users (id_user)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
