CREATE TABLE movies_categories (
    id_movie_categorie INT NOT NULL AUTO_INCREMENT,
    id_movie INT NOT NULL,
    id_categorie INT NOT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_movie_categorie),
    KEY idx_movies_categories_id_movie (id_movie),
    KEY idx_movies_categories_id_categorie (id_categorie),
    CONSTRAINT fk_movies_categories_id_movie FOREIGN KEY (id_movie) REFERENCES movies (id_movie)
        ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT fk_movies_categories_id_categorie FOREIGN KEY (id_categorie) REFERENCES categories (id_categorie)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
