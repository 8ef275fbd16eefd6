-- Finds every erasure that the log records, however long it is: each start looks whether their keys are destroyed.
CREATE INDEX rujukan_events_erasures_idx ON rujukan_events (notification_id)
    WHERE topic = 'household.personal_data_erased.v1';
