CREATE TABLE votes (
    id_vote INT NOT NULL AUTO_INCREMENT,
    id_movie INT NOT NULL,
    id_user INT NOT NULL,
    id_film INT NULL,
    note ENUM('YES', 'NO', 'TO DISCUSS') NOT NULL,
    comments TEXT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_vote),
    KEY idx_votes_id_movie (id_movie),
    KEY idx_votes_id_user (id_user),
    CONSTRAINT fk_votes_id_movie FOREIGN KEY (id_movie) REFERENCES movies (id_movie)
        ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT fk_votes_id_user FOREIGN KEY (id_user) REFERENCES users (id_user)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
