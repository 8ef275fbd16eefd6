"""What may happen to a household, a referral, an agency, a facilitator. Pure: no input, no output, no clock."""
