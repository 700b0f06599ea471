-- Also drops a table that the up found there.
DROP TABLE vote_histories;
