"""Whether those who rely on an earlier form of a schema can go on with a later one.

What agencies read may only say more: all that is sent by the later schema is read by the earlier one. What they write
may only be asked less: all that was written by the earlier schema is taken by the later one. Lists of codes count as
part of that: an agency that knows four reasons need not know what to do with a fifth.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

IN_WORDS = frozenset({"title", "description", "examples", "$schema"})
"""Nothing hangs on them."""
LOWER, UPPER = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
KNOWN = IN_WORDS | {
    "$id", "type", "const", "enum", "format", "pattern", "items", "properties", "required", "additionalProperties",
    *LOWER, *UPPER,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """How a difference is told to those on one side."""

    field_gone: str
    field_new: str
    needed: str
    opened: str
    kind: str
    code: str
    bound: str


READ = Words(
    field_gone="is told no more",
    field_new="is told where nothing was said of other fields",
    needed="may be missing now",
    opened="may hold what there was not before",
    kind="may be {} now",
    code="may be `{}` now, which those who read it do not know",
    bound="may be what `{}` did not allow",
)
WRITTEN = Words(
    field_gone="is taken no more",
    field_new="is taken no more",
    needed="is needed now",
    opened="is taken no more with other fields",
    kind="is taken no more as {}",
    code="is taken no more as `{}`",
    bound="is bound by another `{}`",
)


def is_written(type_: str) -> bool:
    """By agencies, and not read."""
    return type_.startswith("rujukan.reply.") and type_ != "rujukan.reply.rejected.v1"


def breaks(earlier: Mapping[str, Schema], later: Mapping[str, Schema]) -> list[str]:
    """What an agency could not go on with, a sentence each with type and place; schemas by the type of their message.
    A type that is new breaks nothing."""
    found: list[str] = []
    for type_, before in earlier.items():
        if type_ not in later:
            found.append(f"{type_} is gone; who relies on it needs it.")
            continue
        found += [
            f"{type_}: {place or 'the message'} {what}." for place, what in _differing(type_, before, later[type_])
        ]
    return found


def _differing(type_: str, before: Schema, now: Schema) -> Iterator[tuple[str, str]]:
    if before.get("$id") != now.get("$id"):
        yield "", "has another `$id`"
    if is_written(type_):
        yield from _Wider(before, now, WRITTEN).faults()
    else:
        vanished = dict(_vanished(before, now, ""))
        yield from vanished.items()
        yield from (fault for fault in _Wider(now, before, READ).faults() if fault[0] not in vanished)


def _vanished(before: Schema, now: Schema, place: str) -> Iterator[tuple[str, str]]:
    """Optional fields are missed by no validator, and all the same by those who read them."""
    for name, field in before.get("properties", {}).items():
        here, later = _join(place, name), now.get("properties", {})
        if name not in later:
            yield here, READ.field_gone
        else:
            yield from _vanished(field, later[name], here)


def _join(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


@dataclass(frozen=True, slots=True)
class _Wider:
    """Is everything that `inner` describes described by `outer` too?"""

    inner: Schema
    outer: Schema
    words: Words
    place: str = ""

    def faults(self) -> Iterator[tuple[str, str]]:
        for rule in (self._comparable, self._kinds, self._codes, self._bounds, self._items, self._fields):
            yield from rule()

    def _tell(self, what: str) -> tuple[str, str]:
        return self.place, what

    def _comparable(self) -> Iterator[tuple[str, str]]:
        for word in sorted((self.inner.keys() | self.outer.keys()) - KNOWN):
            if self.inner.get(word) != self.outer.get(word):
                yield self._tell(f"differs in `{word}`, of which this check knows nothing")

    def _kinds(self) -> Iterator[tuple[str, str]]:
        if "type" in self.outer:
            known = _listed(self.outer["type"])
            for kind in _listed(self.inner.get("type", "anything")):
                if kind not in known and not (kind == "integer" and "number" in known):
                    yield self._tell(self.words.kind.format(kind))

    def _codes(self) -> Iterator[tuple[str, str]]:
        known = _values(self.outer)
        if known is not None:
            for code in _values(self.inner) or ("anything",):
                if code not in known:
                    yield self._tell(self.words.code.format(code))

    def _bounds(self) -> Iterator[tuple[str, str]]:
        holds: dict[str, Callable[[Any, Any], bool]] = {
            **dict.fromkeys(LOWER, lambda inner, outer: inner >= outer),
            **dict.fromkeys(UPPER, lambda inner, outer: inner <= outer),
            **dict.fromkeys(("format", "pattern"), lambda inner, outer: inner == outer),
        }
        for word, hold in holds.items():
            if word in self.outer and not (word in self.inner and hold(self.inner[word], self.outer[word])):
                yield self._tell(self.words.bound.format(word))

    def _items(self) -> Iterator[tuple[str, str]]:
        if "items" in self.outer:
            yield from _Wider(self.inner.get("items", {}), self.outer["items"], self.words, f"{self.place}[]").faults()

    def _fields(self) -> Iterator[tuple[str, str]]:
        inner, outer = self.inner.get("properties", {}), self.outer.get("properties", {})
        closed = self.outer.get("additionalProperties", True) is False
        for name, field in inner.items():
            here = _join(self.place, name)
            if name in outer:
                yield from _Wider(field, outer[name], self.words, here).faults()
            elif closed:
                yield here, self.words.field_new
        for name in self.outer.get("required", ()):
            if name not in self.inner.get("required", ()):
                yield _join(self.place, name), self.words.needed
        if closed and self.inner.get("additionalProperties", True) is not False:
            yield self._tell(self.words.opened)


def _listed(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, list) else (found,)


def _values(schema: Schema) -> tuple[Any, ...] | None:
    """Those that alone are allowed; None where others are too."""
    return (schema["const"],) if "const" in schema else _listed(schema["enum"]) if "enum" in schema else None
