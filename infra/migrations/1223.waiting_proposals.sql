-- Open graduation proposals with what they rest on. Notes are sealed boxes.
CREATE TABLE read.waiting_proposals (
    graduation uuid PRIMARY KEY,
    household uuid NOT NULL,
    kind text NOT NULL,
    programmes text[] NOT NULL,
    evidence text[] NOT NULL,
    own_request boolean NOT NULL,
    steps int NOT NULL,
    proposed_by text NOT NULL,
    proposed_on date NOT NULL,
    stage text NOT NULL,
    since date NOT NULL,
    who text NOT NULL,
    note jsonb,
    return_reason text,
    return_note jsonb
);
