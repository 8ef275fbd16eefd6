"""With what the log is attested, and where what was attested is kept."""
