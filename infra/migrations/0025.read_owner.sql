-- What can be made again from the log belongs to the application, which makes it: rows, and tables in a rebuild. From
-- here on the migrations of these schemas run as the application: the owner runs nothing that the application may have
-- left on a table of its own.
GRANT USAGE, CREATE ON SCHEMA read, read_aside TO rujukan_application;

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('read', 'read_aside') LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO rujukan_application', found.schemaname, found.tablename);
    END LOOP;
END;
$$;
