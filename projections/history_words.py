"""A household's story in sentences: one for each topic, in Indonesian and in English.

Sentences hold no personal data: people are "a member", "the facilitator". `{…}` are the event's facts in words, by the
names of its fields.
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
        "Seorang anggota tidak lagi tercatat: {reason}.", "A member is no longer recorded: {reason}."
    ),
    "household.member_assessed.v1": Words(
        "Keadaan seorang anggota dinilai.", "The situation of a member was assessed."
    ),
    "household.ranked.v1": Words("Peringkat DTSEN {period}: {decile}.", "The DTSEN rank for {period}: {decile}."),
    "household.assessed.v1": Words(
        "Keluarga dinilai: {has_business}, penghasilan sebulan {income_band}{criteria}.",
        "The family was assessed: {has_business}, a monthly income {income_band}{criteria}.",
    ),
    "household.assigned.v1": Words(
        "Seorang {role} mendampingi keluarga mulai {effective}.", "A {role} follows the family from {effective}."
    ),
    "household.enrolled.v1": Words("Keluarga masuk program {programme}.", "The family joined {programme}."),
    "household.re_enrolled.v1": Words(
        "Keluarga masuk kembali ke program {programme} setelah graduasi.",
        "The family joined {programme} again after its graduation.",
    ),
    "household.assisted.v1": Words(
        "Bantuan {programme} untuk {period}{amount} diterima melalui {channel} pada {paid_on}.",
        "Assistance from {programme} for {period}{amount} was received through {channel} on {paid_on}.",
    ),
    "household.assistance_reversed.v1": Words(
        "Bantuan {programme} untuk {period} dibatalkan: {reason}.",
        "Assistance from {programme} for {period} was reversed: {reason}.",
    ),
    "household.visited.v1": Words("Kunjungan untuk {purpose}: {result}.", "A visit for {purpose}: {result}."),
    "household.graduation_proposed.v1": Words(
        "Graduasi {kind} dari {programmes} diusulkan, berdasarkan {evidence}.",
        "Graduation ({kind}) from {programmes} was proposed, on {evidence}.",
    ),
    "household.graduation_returned.v1": Words(
        "Usulan graduasi dikembalikan kepada pengusul: {reason}.",
        "The proposed graduation was returned to its proposer: {reason}.",
    ),
    "household.graduation_rejected.v1": Words(
        "Usulan graduasi ditolak: {reason}.", "The proposed graduation was rejected: {reason}."
    ),
    "household.graduation_withdrawn.v1": Words(
        "Usulan graduasi ditarik kembali.", "The proposed graduation was withdrawn."
    ),
    "household.graduation_verified.v1": Words(
        "Usulan graduasi terverifikasi.", "The proposed graduation was verified."
    ),
    "household.graduated.v1": Words(
        "Selamat! Keluarga lulus dari {programmes} dengan graduasi {kind}.",
        "Congratulations! The family graduated from {programmes}: {kind}.",
    ),
    "household.graduation_revoked.v1": Words(
        "Graduasi dicabut: {reason}. Program yang ditinggalkan berlaku kembali.",
        "The graduation was revoked: {reason}. The programmes that it had ended are in force again.",
    ),
    "household.discontinued.v1": Words(
        "Bantuan {programme} dihentikan: {reason}.", "Assistance from {programme} was discontinued: {reason}."
    ),
    "household.referred.v1": Words(
        "Keluarga dirujuk ke {agency} untuk layanan {service}.",
        "The family was referred to {agency} for {service}.",
    ),
    "household.connection_declined.v1": Words(
        "Keluarga memilih untuk tidak dirujuk: {reason}.", "The family chose not to be referred: {reason}."
    ),
    "household.moved.v1": Words("Keluarga pindah ke {region}.", "The family moved to {region}."),
    "household.left.v1": Words(
        "Keluarga tidak lagi didampingi: {reason}.", "The family is no longer followed: {reason}."
    ),
    "household.personal_data_erased.v1": Words("Data pribadi dihapus: {scope}.", "Personal data were erased: {scope}."),
    "referral.sent.v1": Words(
        "Rujukan ke {agency} ({service}) terkirim; jawaban ditunggu sampai {respond_by}.",
        "The referral to {agency} ({service}) was sent; an answer is expected by {respond_by}.",
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
    "referral.attended.v1": Words("Keluarga hadir di {agency}.", "The family attended the appointment with {agency}."),
    "referral.missed.v1": Words(
        "Keluarga tidak hadir di {agency}.", "The family missed the appointment with {agency}."
    ),
    "referral.service_started.v1": Words(
        "{agency} memulai layanan {service}.", "{agency} began the service: {service}."
    ),
    "referral.completed.v1": Words(
        "Layanan {service} dari {agency} selesai: {outcome}{amount}.",
        "The service {service} of {agency} was completed: {outcome}{amount}.",
    ),
    "referral.failed.v1": Words(
        "Rujukan ke {agency} tidak berhasil: {reason}.", "The referral to {agency} did not succeed: {reason}."
    ),
    "referral.cancellation_requested.v1": Words(
        "Pembatalan rujukan ke {agency} diminta: {reason}.",
        "Cancelling the referral to {agency} was asked for: {reason}.",
    ),
    "referral.cancelled.v1": Words("Rujukan ke {agency} dibatalkan.", "The referral to {agency} was cancelled."),
    "referral.cancellation_refused.v1": Words(
        "{agency} melanjutkan rujukan; pembatalan tidak disetujui.",
        "{agency} goes on with the referral; it was not cancelled.",
    ),
    "referral.redirected.v1": Words(
        "Rujukan ke {agency} dialihkan ke layanan lain.", "The referral to {agency} was redirected to another service."
    ),
    "referral.settled.v1": Words(
        "Rujukan ke {agency} ditutup: {reason}.", "The referral to {agency} was settled: {reason}."
    ),
    "referral.response_overdue.v1": Words(
        "{agency} belum menjawab sampai {respond_by}.", "{agency} had not answered by {respond_by}."
    ),
    "referral.progress_overdue.v1": Words(
        "{agency} belum melanjutkan rujukan sampai {next_by}.",
        "{agency} had not gone on with the referral by {next_by}.",
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
    phrases["decile"] = Words(f"desil {decile}", f"decile {decile}") if decile else Words("belum ada", "none")
    if "has_business" in facts:
        owner = Words("memiliki usaha", "it runs a business")
        phrases["has_business"] = (
            owner if facts["has_business"] else Words("belum memiliki usaha", "it runs no business")
        )
    if "criteria" in facts:
        met = told["criteria"]
        phrases["criteria"] = Words(f", terpenuhi: {met.id}", f", met: {met.en}") if met.id else Words("", "")
    return phrases
