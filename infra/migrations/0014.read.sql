-- Everything in here can be made again from the log.
CREATE SCHEMA read;
