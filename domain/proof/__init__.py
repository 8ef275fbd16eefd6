"""What lets anybody prove, with nothing of ours, that a log is the one they saw before. Pure arithmetic on hashes."""
