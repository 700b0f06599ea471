-- In strict mode a MODIFY fails on a value that the new ENUM does not have: widen, map, narrow.
ALTER TABLE users
    MODIFY COLUMN known_by_mars_ai ENUM(
        'YES',
        'NO',
        'Par un ami',
        'Vu une publicité du festival',
        'Via le site internet ou application de l''IA'
    ) NULL;

-- NO has no counterpart and becomes NULL: undo does not bring it back.
UPDATE users
SET known_by_mars_ai = CASE known_by_mars_ai WHEN 'YES' THEN 'Par un ami' END
WHERE known_by_mars_ai IN ('YES', 'NO');

ALTER TABLE users
    MODIFY COLUMN known_by_mars_ai ENUM(
        'Par un ami',
        'Vu une publicité du festival',
        'Via le site internet ou application de l''IA'
    ) NULL;
