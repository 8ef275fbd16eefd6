"""The answers of agencies, taken into the log: from Kafka, or from the rows of a file."""
