"""One reader's question per file: each folds events into the rows that answer it."""
