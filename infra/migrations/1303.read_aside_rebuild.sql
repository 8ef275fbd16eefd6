-- Which rebuilds are under way, by what code and into what tables: by another they are not gone on with.
CREATE UNLOGGED TABLE read_aside.rebuild (name text PRIMARY KEY, mark text NOT NULL, finished boolean NOT NULL);
