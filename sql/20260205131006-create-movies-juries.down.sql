DROP TABLE movies_juries;
