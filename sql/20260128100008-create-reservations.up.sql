CREATE TABLE reservations (
    id_reservation INT NOT NULL AUTO_INCREMENT,
    id_event INT NOT NULL,
    first_name VARCHAR(100) NOT NULL,
    last_name VARCHAR(100) NOT NULL,
    email VARCHAR(255) NOT NULL,
    number_seats INT NOT NULL,
    reservation_date DATETIME NULL DEFAULT CURRENT_TIMESTAMP,
    createdAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updatedAt DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id_reservation),
    KEY idx_reservations_id_event (id_event),
    CONSTRAINT fk_reservations_id_event FOREIGN KEY (id_event) REFERENCES events (id_event)
        ON UPDATE CASCADE ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
