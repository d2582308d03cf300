CREATE TABLE half (id integer);
INSERT INTO no_such_table VALUES (1);
