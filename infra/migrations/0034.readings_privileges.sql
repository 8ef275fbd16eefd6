-- The application records readings and shows them to auditors; it takes none back.
REVOKE ALL ON readings FROM PUBLIC;
GRANT SELECT, INSERT ON readings TO rujukan_application;
