-- What Rujukan's sessions may do, apart from who owns the log. Roles belong to the server, so another database may have
-- made it; a login of the application's own is granted this role.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rujukan_application') THEN
        CREATE ROLE rujukan_application NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END;
$$;

DO $$
BEGIN
    IF NOT pg_has_role(current_user, 'rujukan_application', 'SET') THEN
        EXECUTE format('GRANT rujukan_application TO %I WITH INHERIT TRUE, SET TRUE', current_user);
    END IF;
END;
$$;
