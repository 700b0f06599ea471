DROP TABLE collaborators_movies;
