"""What an agency is told of a family: what the service that it is referred to needs, and nothing else."""

from collections.abc import Mapping

from domain.codes import ServiceKind

ALWAYS = ("need", "notes", "basis_reference", "name")
"""The need in words, what was noted with the referral, the reference of its consent, and whom it is about."""

BESIDE: Mapping[ServiceKind, tuple[str, ...]] = {
    ServiceKind.CAPITAL: ("nik", "address"),
    ServiceKind.MENTORING: ("address",),
    ServiceKind.MARKET_ACCESS: (),
    ServiceKind.MANAGEMENT: (),
    ServiceKind.TRAINING: ("birth_date",),
    ServiceKind.EMPLOYMENT: ("birth_date",),
    ServiceKind.CARE: ("birth_date", "address"),
    ServiceKind.REHABILITATION: ("birth_date", "address"),
    ServiceKind.HEALTH: ("nik", "birth_date"),
    ServiceKind.EDUCATION: ("birth_date",),
    ServiceKind.HOUSING: ("nik", "address"),
}
"""An address where one is visited or delivered to, a birth date where age decides, a number where the law or the books
of the service want it. Never income, PAS group, disability or what was noted of the family elsewhere."""

PERSONAL = ("name", "nik", "birth_date", "address")


def kinds_told(field: str) -> list[str]:
    """The kinds of service whose agency is told this field of a person."""
    return [kind for kind in ServiceKind if field in ALWAYS or field in BESIDE[kind]]
