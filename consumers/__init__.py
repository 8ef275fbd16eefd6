"""Whatever follows the log and acts on it: here, the clock that turns passed deadlines into events."""
