ALTER TABLE users
    MODIFY COLUMN known_by_mars_ai ENUM(
        'Par un ami',
        'Vu une publicité du festival',
        'Via le site internet ou application de l''IA',
        'YES',
        'NO'
    ) NULL;

-- Which of the three it was is lost.
UPDATE users
SET known_by_mars_ai = 'YES'
WHERE known_by_mars_ai NOT IN ('YES', 'NO');

ALTER TABLE users
    MODIFY COLUMN known_by_mars_ai ENUM('YES', 'NO') NULL;
