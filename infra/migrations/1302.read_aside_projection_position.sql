-- How far a rebuild has read the log. Unlogged as the tables of a rebuild are: after a crash of the server all begin anew.
CREATE UNLOGGED TABLE read_aside.projection_position (LIKE read.projection_position INCLUDING ALL);
