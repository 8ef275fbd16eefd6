-- What was signed of the tree: how large it was, and the note with its root.
CREATE TABLE checkpoints (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now()
);
