"""One message of each type as it goes over Kafka: what agencies rely on, for as long as the type has this version.

What they read is made from the golden event of the same name. A type that is new gets its file with
`python -m tests.golden.wire`, which never changes a file that exists.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from consumers.contracts import CODES, REJECTED, Message, moment, referral_message, rejection_message
from consumers.replies import FORMS
from domain.answering import Answer
from domain.codes import Information, ReferralOutcome, ReferralReason
from projections.engine.log import LoggedEvent
from projections.engine.projection import Put
from projections.referral_rows import FEED, fold
from tests.golden.examples import AGENCY, DAY, STREAM, example

FOLDER = Path(__file__).parent / "messages"
SENT, POSITION = 1201, 1207
LOGGED_AT = datetime(2026, 3, 31, 3, 4, 5, 678901, tzinfo=UTC)
OWN_SOURCE = f"/agencies/{AGENCY}"
REFUSED: Mapping[str, Any] = {
    "number": 17,
    "agency": AGENCY,
    "source": OWN_SOURCE,
    "id": "4711",
    "digest": bytes(range(32)),
    "type": "rujukan.reply.accept.v1",
    "referral": STREAM,
    "code": "illegal-transition",
    "field": None,
    "detail": "accept is not possible in state declined.",
    "topic": f"rujukan.{AGENCY}.replies.v1",
    "partition": 2,
    "offset": 1042,
    "at": LOGGED_AT,
}
CONTENT: Mapping[str, Mapping[str, Any]] = {
    "request_information": {"information": (Information.BUSINESS_DETAILS, Information.CONSENT_LETTER)},
    "decline": {"reason": ReferralReason.NO_BUDGET},
    "fail": {"reason": ReferralReason.UNABLE_TO_CONTACT},
    "schedule": {"appointment": date(2026, 4, 7)},
    "complete": {"outcome": ReferralOutcome.CAPITAL_DISBURSED, "amount": 5_000_000},
}
"""Of answers, beside the referral and the day."""


def message(type_: str) -> Message:
    """Of a type that agencies read."""
    return rejection_message(REFUSED) if type_ == REJECTED else referral_message(_row(type_.removeprefix("rujukan.")))


def answer(type_: str) -> Answer:
    """What an answer of this type is understood as."""
    name = type_.removeprefix("rujukan.reply.").removesuffix(".v1")
    return Answer(name.replace("_", "-"), STREAM, DAY, **CONTENT.get(name, {}))


def written(type_: str) -> dict[str, Any]:
    """Headers, key and value; the value as JSON whose fields stand in their order."""
    if type_ in FORMS:
        return _answer_written(type_)
    found = message(type_)
    headers = {name: value.decode() for name, value in found.headers()}
    return {"headers": headers, "key": found.key and found.key.decode(), "value": json.loads(found.value)}


def golden(type_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_file(type_).read_text("utf-8"))
    return found


def value_in(found: Mapping[str, Any]) -> bytes:
    """The value as it goes over the wire."""
    return msgspec.json.encode(found["value"])


def _row(topic: str) -> dict[str, Any]:
    """Of the feed of the agency that the golden referral was sent to."""
    sent = LoggedEvent(SENT, LOGGED_AT, STREAM, 1, "referral.sent.v1", example("referral.sent.v1"))
    state, changes = fold(None, sent)
    if topic != sent.topic:
        state, changes = fold(state, LoggedEvent(POSITION, LOGGED_AT, STREAM, 7, topic, example(topic)))
    (row,) = [change.row for change in changes if isinstance(change, Put) and change.table is FEED]
    return {**row, "time": moment(LOGGED_AT)}


def _answer_written(type_: str) -> dict[str, Any]:
    given = answer(type_)
    body = {name: getattr(given, name) for name in FORMS[type_].__struct_fields__}
    headers = {
        "ce_specversion": "1.0",
        "ce_id": "4711",
        "ce_source": OWN_SOURCE,
        "ce_type": type_,
        "content-type": "application/json",
    }
    return {"headers": headers, "key": str(STREAM), "value": msgspec.to_builtins(body)}


def _file(type_: str) -> Path:
    return FOLDER / f"{type_}.json"


def write_missing() -> None:
    for type_ in (*CODES, REJECTED, *FORMS):
        if not _file(type_).exists():
            _file(type_).write_text(json.dumps(written(type_), indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    write_missing()
