-- Windows that have ended are forgotten by this.
CREATE INDEX rate_limits_until_idx ON rate_limits (until);
