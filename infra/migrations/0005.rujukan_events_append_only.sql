-- Nobody changes the log, the owner and replication included.
CREATE TRIGGER rujukan_events_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON rujukan_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE rujukan_events ENABLE ALWAYS TRIGGER rujukan_events_append_only;
