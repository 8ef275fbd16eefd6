-- The application adds partners and moves them on; none is ever removed.
REVOKE ALL ON partners FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE ON partners TO rujukan_application;
