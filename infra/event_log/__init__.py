"""The log in PostgreSQL: its one door, how events are stored, and how records and positions are read back."""
