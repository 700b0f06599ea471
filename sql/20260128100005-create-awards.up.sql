CREATE TABLE awards (
    id_award INT NOT NULL AUTO_INCREMENT,
    id_movie INT NOT NULL,
    award_name VARCHAR(100) NOT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_award),
    KEY idx_awards_id_movie (id_movie),
    CONSTRAINT fk_awards_id_movie FOREIGN KEY (id_movie) REFERENCES movies (id_movie)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
