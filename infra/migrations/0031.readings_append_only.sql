-- Nobody changes what is recorded of a reading, the owner and replication included.
CREATE TRIGGER readings_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON readings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE readings ENABLE ALWAYS TRIGGER readings_append_only;
