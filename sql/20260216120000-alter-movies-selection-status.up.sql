ALTER TABLE movies
    MODIFY COLUMN selection_status ENUM(
        'submitted',
        'assigned',
        'to_discuss',
        'candidate',
        'awarded',
        'refused',
        'selected',
        'finalist'
    ) NOT NULL DEFAULT 'submitted';
