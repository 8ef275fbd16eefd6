-- The application publishes reports and shows them; it takes none back.
REVOKE ALL ON published_reports FROM PUBLIC;
GRANT SELECT, INSERT ON published_reports TO rujukan_application;
