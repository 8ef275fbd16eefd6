"""Apache Kafka: the broker that comes with Rujukan, who may use one, and what partners have on it."""
