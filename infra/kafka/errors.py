"""What can be wrong with Kafka, told on one line."""


class BrokerError(Exception):
    """Kafka cannot be had, or does not do what it was asked; the text says why, on one line."""


class Abandoned(BrokerError):
    """Whoever waited for the broker does not want it any more."""
