"""Answers from the rows of a file, taken through the same intake as those from Kafka."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

import structlog

from consumers.contracts import encoded
from consumers.replies import FORMS, Envelope, Malformed, is_name, is_personal, type_of
from consumers.taking_in.intake import Intake, Taken, TryAgain

_log = structlog.get_logger("intake")


class FiledReplies:
    """All files of an agency are one source: a row without an id of its own is known again in whichever of them.

    What was refused is tried anew: a file is mended by a row more, or by what others did meanwhile, and sent again.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def take(self, agency: UUID, own_id: str | None, action: str, content: Mapping[str, object]) -> Taken | None:
        """None where the answer could be neither carried out nor refused now, and may be sent again."""
        unnamed = Envelope(f"/agencies/{agency}/csv", "", type_of(action), encoded(content))
        digest = unnamed.digest.hex()
        try:
            if own_id is not None and (not is_name(own_id) or is_personal(own_id)):
                fault = "An id is 1 to 200 visible ASCII characters without spaces, and no number of a person."
                refusal = Malformed("malformed-id", fault, "id")
                return self._intake.refuse(agency, replace(unnamed, id=digest), refusal, anew=True)
            taken = self._intake.take(agency, replace(unnamed, id=own_id or digest), anew=True)
        except TryAgain:
            return None
        except Exception as fault:
            _log.error("reply-failed", agency=str(agency), kind=type(fault).__name__)
            return None
        return replace(taken, field=_column(taken, unnamed.type, content))


def _column(taken: Taken, type_: str | None, content: Mapping[str, object]) -> str | None:
    """Where the fault is, as a file names it; also where something was given that does not go with the action."""
    if taken.field == "type":
        return "action"
    form = FORMS.get(type_ or "")
    if taken.code == "malformed-reply" and taken.field is None and form is not None:
        return next((name for name in content if name not in form.__struct_fields__), None)
    return taken.field and taken.field.partition("[")[0]
