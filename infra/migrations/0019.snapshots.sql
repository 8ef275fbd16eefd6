-- A stream's state as last decided on, so that its older events need not be replayed. Written in the append of the event
-- at `version`; `topic` names the form of `state`, which holds personal data only as sealed boxes.
CREATE TABLE snapshots (
    originator_id uuid PRIMARY KEY,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL
);
