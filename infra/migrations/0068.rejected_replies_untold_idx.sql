-- Rejections that the publisher has yet to write to the agency's topic.
CREATE INDEX rejected_replies_untold_idx ON rejected_replies (agency, number) WHERE NOT told;
