-- No position is given twice, and readers follow the log by position.
CREATE UNIQUE INDEX rujukan_events_notification_id_idx ON rujukan_events (notification_id);
