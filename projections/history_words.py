"""A household's story in sentences: one for each topic, in Indonesian and in English.

Sentences hold no personal data: people are "a member", "the facilitator". `{…}` are the event's facts in words, by the
names of its fields. The name of a programme or service may say what it is ("Program …", "Layanan …", "Bantuan …"): no
sentence puts such a word before it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from projections.code_words import Words
from projections.wording import code, day, listed, period, rupiah, same

Facts = Mapping[str, Any]
"""An event's codes, dates and ids as JSON."""
Names = Callable[[str, str], str]
"""The name of a `programme`, `agency`, `service` or `region` by its id or code; the id or code where it has none."""

NAMED = {"programme": "programme", "agency": "agency", "service": "service", "region": "region"}
DATES = frozenset(
    {"paid_on", "effective", "respond_by", "expires_on", "next_by", "cancel_by", "appointment"},
)
LISTS = frozenset({"criteria", "evidence", "information"})

SENTENCES: dict[str, Words] = {
    "household.registered.v1": Words("Keluarga terdaftar di {region}.", "The family was registered in {region}."),
    "household.member_joined.v1": Words("Seorang anggota tercatat{as_head}.", "A member was recorded{as_head}."),
    "household.member_left.v1": Words(
        "Seorang anggota tidak lagi tercatat dalam keluarga: {reason}.",
        "A member is no longer recorded in the family: {reason}.",
    ),
    "household.member_assessed.v1": Words("Keadaan seorang anggota dinilai.", "A member's situation was assessed."),
    "household.ranked.v1": Words(
        "Peringkat DTSEN keluarga untuk {period}: {decile}.", "The family's DTSEN rank for {period}: {decile}."
    ),
    "household.assessed.v1": Words(
        "Keluarga dinilai: {has_business}, penghasilan sebulan {income_band}{criteria}.",
        "The family was assessed: {has_business}, and its monthly income is {income_band}{criteria}.",
    ),
    "household.assigned.v1": Words(
        "Keluarga didampingi {role} mulai {effective}.", "The family has {role} from {effective}."
    ),
    "household.enrolled.v1": Words("Keluarga menjadi peserta {programme}.", "The family joined {programme}."),
    "household.re_enrolled.v1": Words(
        "Keluarga kembali menjadi peserta {programme} setelah graduasi.",
        "The family joined {programme} again after its graduation.",
    ),
    "household.assisted.v1": Words(
        "Bantuan dari {programme} untuk {period}{amount} diterima {channel} pada {paid_on}.",
        "Assistance from {programme} for {period}{amount} was received {channel} on {paid_on}.",
    ),
    "household.assistance_reversed.v1": Words(
        "Bantuan dari {programme} untuk {period} dibatalkan: {reason}.",
        "Assistance from {programme} for {period} was reversed: {reason}.",
    ),
    "household.visited.v1": Words("Kunjungan untuk {purpose}: {result}.", "A visit for {purpose}: {result}."),
    "household.graduation_proposed.v1": Words(
        "Keluarga diusulkan lulus dari {programmes} dengan graduasi {kind}, berdasarkan {evidence}.",
        "The family was proposed for {kind} from {programmes}, on the basis of {evidence}.",
    ),
    "household.graduation_returned.v1": Words(
        "Usulan graduasi dikembalikan kepada pengusul: {reason}.",
        "The graduation proposal was returned to its proposer: {reason}.",
    ),
    "household.graduation_rejected.v1": Words(
        "Usulan graduasi ditolak: {reason}.", "The graduation proposal was rejected: {reason}."
    ),
    "household.graduation_withdrawn.v1": Words(
        "Usulan graduasi ditarik kembali.", "The graduation proposal was withdrawn."
    ),
    "household.graduation_verified.v1": Words(
        "Usulan graduasi telah diverifikasi.", "The graduation proposal was verified."
    ),
    "household.graduated.v1": Words(
        "Selamat! Keluarga lulus dari {programmes} dengan graduasi {kind}.",
        "Congratulations! The family graduated from {programmes} ({kind}).",
    ),
    "household.graduation_revoked.v1": Words(
        "Graduasi dicabut: {reason}. Kepesertaan yang diakhirinya berlaku kembali.",
        "The graduation was revoked: {reason}. The enrolments that it had ended are in force again.",
    ),
    "household.discontinued.v1": Words(
        "Bantuan dari {programme} dihentikan: {reason}.", "Assistance from {programme} was discontinued: {reason}."
    ),
    "household.referred.v1": Words(
        "Keluarga dirujuk ke {agency} untuk {service}.", "The family was referred to {agency} for {service}."
    ),
    "household.connection_declined.v1": Words(
        "Keluarga memilih untuk tidak dirujuk: {reason}.", "The family chose not to be referred: {reason}."
    ),
    "household.moved.v1": Words("Keluarga pindah ke {region}.", "The family moved to {region}."),
    "household.left.v1": Words("Keluarga tidak lagi didampingi: {reason}.", "The family's case was closed: {reason}."),
    "household.erasure_requested.v1": Words(
        "Penghapusan data pribadi {scope} diminta: {reason}.",
        "The erasure of the personal data of {scope} was requested: {reason}.",
    ),
    "household.erasure_withdrawn.v1": Words(
        "Permintaan penghapusan data pribadi {scope} ditarik kembali.",
        "The request to erase the personal data of {scope} was withdrawn.",
    ),
    "household.personal_data_erased.v1": Words(
        "Data pribadi {scope} dihapus.", "The personal data of {scope} were erased."
    ),
    "referral.sent.v1": Words(
        "Rujukan ke {agency} ({service}) terkirim; jawaban ditunggu sampai {respond_by}.",
        "The referral to {agency} ({service}) was sent; an answer is expected by {respond_by}.",
    ),
    "referral.basis_recorded.v1": Words(
        "Dasar hukum rujukan ke {agency} dicatat.", "The legal basis of the referral to {agency} was recorded."
    ),
    "referral.basis_withdrawn.v1": Words(
        "Dasar hukum rujukan ke {agency} dicabut.", "The legal basis of the referral to {agency} was withdrawn."
    ),
    "referral.received.v1": Words("{agency} menerima rujukan.", "{agency} received the referral."),
    "referral.information_requested.v1": Words(
        "{agency} meminta keterangan: {information}.", "{agency} asked for information: {information}."
    ),
    "referral.information_supplied.v1": Words(
        "Keterangan diberikan kepada {agency}; jawaban ditunggu sampai {respond_by}.",
        "The information was given to {agency}; an answer is expected by {respond_by}.",
    ),
    "referral.accepted.v1": Words("{agency} menyetujui rujukan.", "{agency} accepted the referral."),
    "referral.declined.v1": Words(
        "{agency} tidak dapat menerima rujukan: {reason}.", "{agency} declined the referral: {reason}."
    ),
    "referral.scheduled.v1": Words(
        "{agency} menjadwalkan pertemuan pada {appointment}.", "{agency} made an appointment for {appointment}."
    ),
    "referral.attended.v1": Words(
        "Keluarga hadir pada pertemuan dengan {agency}.", "The family attended its appointment with {agency}."
    ),
    "referral.missed.v1": Words(
        "Keluarga tidak hadir pada pertemuan dengan {agency}.", "The family missed its appointment with {agency}."
    ),
    "referral.service_started.v1": Words(
        "{agency} mulai memberikan {service}.", "{agency} began to provide {service}."
    ),
    "referral.completed.v1": Words(
        "Rujukan ke {agency} ({service}) selesai: {outcome}{amount}.",
        "The referral to {agency} ({service}) was completed: {outcome}{amount}.",
    ),
    "referral.failed.v1": Words(
        "Rujukan ke {agency} tidak berhasil: {reason}.", "The referral to {agency} did not succeed: {reason}."
    ),
    "referral.cancellation_requested.v1": Words(
        "Pembatalan rujukan ke {agency} diminta: {reason}.", "{agency} was asked to cancel the referral: {reason}."
    ),
    "referral.cancelled.v1": Words("Rujukan ke {agency} dibatalkan.", "The referral to {agency} was cancelled."),
    "referral.cancellation_refused.v1": Words(
        "{agency} menolak pembatalan; rujukan dilanjutkan.", "{agency} refused to cancel; the referral goes on."
    ),
    "referral.redirected.v1": Words(
        "Rujukan ke {agency} dialihkan ke layanan lain.", "The referral to {agency} was redirected to another service."
    ),
    "referral.settled.v1": Words(
        "Rujukan ke {agency} ditutup: {reason}.", "The referral to {agency} was closed: {reason}."
    ),
    "referral.response_overdue.v1": Words(
        "{agency} belum menjawab sampai {respond_by}.", "{agency} had not answered by {respond_by}."
    ),
    "referral.progress_overdue.v1": Words(
        "{agency} belum menindaklanjuti rujukan sampai {next_by}.", "{agency} had not taken the next step by {next_by}."
    ),
    "referral.expired.v1": Words(
        "Rujukan ke {agency} kedaluwarsa tanpa jawaban.", "The referral to {agency} expired without an answer."
    ),
}


def sentence(topic: str, facts: Facts, names: Names) -> Words:
    """What happened, in words; raises `KeyError` for a topic without any."""
    told = {name: _told(name, value, names) for name, value in facts.items()}
    told |= _phrases(facts, told)
    template = SENTENCES[topic]
    return Words(
        template.id.format_map({name: words.id for name, words in told.items()}),
        template.en.format_map({name: words.en for name, words in told.items()}),
    )


def _told(name: str, value: Any, names: Names) -> Words:
    if name in NAMED:
        return same(names(NAMED[name], value))
    if name == "programmes":
        return listed([same(names("programme", programme)) for programme in value])
    if name in LISTS:
        return listed([code(item) for item in value])
    if name in DATES:
        return day(value)
    if name == "period":
        return period(value)
    return code(value) if isinstance(value, str) else same(str(value))


def _phrases(facts: Facts, told: Mapping[str, Words]) -> dict[str, Words]:
    """Facts that are told as more than a word, or not at all."""
    phrases: dict[str, Words] = {"as_head": Words("", ""), "amount": Words("", "")}
    if facts.get("head"):
        phrases["as_head"] = Words(" sebagai kepala keluarga", " as head of the family")
    if facts.get("amount"):
        amount = rupiah(facts["amount"])
        phrases["amount"] = Words(f" ({amount.id})", f" ({amount.en})")
    decile = facts.get("decile")
    phrases["decile"] = Words(f"desil {decile}", f"decile {decile}") if decile else Words("belum ada", "none yet")
    if "has_business" in facts:
        owner = Words("memiliki usaha", "it runs a business")
        phrases["has_business"] = (
            owner if facts["has_business"] else Words("belum memiliki usaha", "it runs no business")
        )
    if "criteria" in facts:
        met = told["criteria"]
        phrases["criteria"] = Words(f"; terpenuhi: {met.id}", f"; it has {met.en}") if met.id else Words("", "")
    if facts.get("reason") == "other":
        phrases["reason"] = Words("alasan lain, seperti dalam catatan", "another reason, given in the note")
    return phrases
