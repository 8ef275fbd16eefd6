-- Nobody changes what was published, the owner and replication included.
CREATE TRIGGER published_reports_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON published_reports
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE published_reports ENABLE ALWAYS TRIGGER published_reports_append_only;
