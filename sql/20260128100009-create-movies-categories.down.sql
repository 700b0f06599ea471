DROP TABLE movies_categories;
