"""What happened to referrals, brought to the partners' topics: read from the outbox, sent, and recorded as sent."""
