"""Which class an event of the log is of, by the topic that is stored of it."""

import re
from typing import Any

from eventsourcing.utils import TopicError, resolve_topic

FORM = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.v[0-9]+")


def event_class(topic: str) -> Any:
    """Raises `TopicError` for an unknown topic, and for what is of no topic's form: the library would look for a module
    of that name, and import it."""
    if not FORM.fullmatch(topic):
        raise TopicError(f"{topic!r} is no topic.")
    return resolve_topic(topic)
