DROP TABLE collaborators;
