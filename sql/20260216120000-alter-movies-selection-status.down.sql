-- The ENUM that comes back has no assigned, candidate or awarded: the nearest status stands in for them.
UPDATE movies
SET selection_status = CASE selection_status WHEN 'awarded' THEN 'finalist' ELSE 'to_discuss' END
WHERE selection_status IN ('assigned', 'candidate', 'awarded');

ALTER TABLE movies
    MODIFY COLUMN selection_status ENUM('submitted', 'refused', 'to_discuss', 'selected', 'finalist') NOT NULL DEFAULT 'submitted';
