CREATE TABLE collaborators_movies (
    id_collaborator_movie INT NOT NULL AUTO_INCREMENT,
    id_collaborator INT NOT NULL,
    id_movie INT NOT NULL,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_collaborator_movie),
    KEY idx_collaborators_movies_id_collaborator (id_collaborator),
    KEY idx_collaborators_movies_id_movie (id_movie),
    CONSTRAINT fk_collaborators_movies_id_collaborator FOREIGN KEY (id_collaborator) REFERENCES collaborators (id_collaborator)
        ON UPDATE CASCADE ON DELETE CASCADE,
    CONSTRAINT fk_collaborators_movies_id_movie FOREIGN KEY (id_movie) REFERENCES movies (id_movie)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
