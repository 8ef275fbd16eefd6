-- The fold of follow-up keeps the region too: what it had written goes, and the log is folded anew.
TRUNCATE read.follow_up_state, read.waiting_proposals;
DELETE FROM read.projection_position WHERE name = 'follow_up';
