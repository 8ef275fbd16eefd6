-- The application reads the log and appends by the one door; it neither inserts into the log nor takes anything from it.
REVOKE ALL ON FUNCTION append_to_log, last_positions, log_position_at, refuse_change, forget_receipts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_to_log, log_position_at, forget_receipts TO rujukan_application;
GRANT SELECT ON rujukan_events, log, snapshots, identity_index, idempotency, refusals TO rujukan_application;
GRANT INSERT ON refusals TO rujukan_application;
GRANT SELECT, INSERT ON installation TO rujukan_application;
GRANT SELECT, INSERT, UPDATE ON sample_load TO rujukan_application;
GRANT SELECT ON _yoyo_migration TO rujukan_application;
