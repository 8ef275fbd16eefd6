-- Nobody changes a refusal, the owner and replication included.
CREATE TRIGGER refusals_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON refusals
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE refusals ENABLE ALWAYS TRIGGER refusals_append_only;
