-- What can be made again from the log belongs to the application, which makes it: rows, and tables in a rebuild.
GRANT USAGE, CREATE ON SCHEMA read TO rujukan_application;

DO $$
DECLARE
    found text;
BEGIN
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'read' LOOP
        EXECUTE format('ALTER TABLE read.%I OWNER TO rujukan_application', found);
    END LOOP;
END;
$$;
