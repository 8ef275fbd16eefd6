-- Attempts at what the transition tables do not allow: who, on what, in which state; never what was sent.
CREATE TABLE refusals (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    role text NOT NULL,
    stream uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('household', 'referral')),
    state text NOT NULL,
    action text NOT NULL,
    code text NOT NULL,
    allowed text [] NOT NULL,
    position bigint NOT NULL
);
