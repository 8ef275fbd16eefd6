"""`rujukan audit replay`, `publish` and `explain`: what auditors are told in figures."""

import csv
import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import psycopg
import pytest

from api.known_at import JAKARTA
from consumers.auditing.attesting import grown
from tests.infra.audited import Run, audited, changed
from tests.projections.story import named

DAY = ("--as-of", "2026-11-23")
TODAY = datetime.now(JAKARTA).date()
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture
def run(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return audited(database, tmp_path / "home", monkeypatch, folded=True)


@pytest.fixture
def empty_log(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return audited(database, tmp_path / "home", monkeypatch, empty=True)


def head(url: str) -> int:
    with psycopg.connect(url) as session:
        (found,) = session.execute("SELECT max(notification_id) FROM rujukan_events").fetchone() or (0,)
    return int(found)


def test_published_reports_follow_from_the_log(run: Run, database: str) -> None:
    for report in ("graduations", "coverage"):
        day, judged = (DAY, ", judged on 2026-11-23") if report == "graduations" else ((), "")
        status, said = run("publish", report, *day)
        assert status == 0, said
        assert f"Published as known at position {head(database)}{judged}; SHA-256 " in said
        assert run("publish", report, *day) == (status, said)
    status, said = run("replay", "--compare")
    assert status == 0 and said.endswith("All figures of 2 published reports follow from the log."), said
    assert "coverage at" in said and "all/graduated" in said


def test_where_no_report_is_published_it_says_so(run: Run, database: str) -> None:
    status, said = run("replay", "--compare")
    assert status == 0 and said.endswith("No report is there that was published: nothing was compared.")
    run("publish", "coverage")
    status, said = run("replay", "graduations", "--compare")
    assert status == 0 and said.endswith("No report graduations is there that was published: nothing was compared.")
    assert run("replay", "--compare")[1].endswith("All figures of 1 published report follow from the log.")


def test_a_figure_that_was_changed_after_it_was_published_is_set_beside_the_true_one(run: Run, database: str) -> None:
    run("publish", "coverage")
    with psycopg.connect(database) as session:
        (content,) = session.execute("SELECT content FROM published_reports").fetchone() or ("",)
    told = json.loads(content)
    figures = told["figures"]
    figures["33.24/graduated"] += 1
    false = json.dumps(told, sort_keys=True, separators=(",", ":"))
    changed(
        database,
        f"UPDATE published_reports SET content = '{false}', sha256 = encode(sha256('{false}'::text::bytea), 'hex')",
    )
    status, said = run("replay", "--compare")
    assert status == 1
    true = figures["33.24/graduated"] - 1
    assert f"33.24/graduated {true + 1} {true} differs" in said
    assert said.endswith("1 published figure and 0 faults beside do not follow from the log.")


def test_a_log_that_is_shorter_or_another_than_when_a_report_was_published(run: Run, database: str) -> None:
    run("publish", "coverage")
    end = head(database)
    changed(database, "UPDATE rujukan_events SET logged_at = logged_at - interval '1 us' WHERE notification_id = 5")
    changed(database, "DELETE FROM log_tiles")
    with psycopg.connect(database, autocommit=True) as session:
        while grown(session):
            pass
    status, said = run("replay", "--compare")
    assert status == 1
    assert f"The log is another than when coverage at {end} of {TODAY} was published." in said
    assert f"Up to position {end} the log is another than the checkpoint of {end} in the database says." in said
    assert said.endswith("0 published figures and 2 faults beside do not follow from the log.")
    changed(database, f"DELETE FROM rujukan_events WHERE notification_id = {end}")
    status, said = run("replay", "--compare")
    assert status == 1 and f"The log is another than when coverage at {end} of {TODAY} was published." in said


def test_a_report_that_cannot_be_compared_does_not_keep_the_others_from_it(run: Run, database: str) -> None:
    for report in ("graduations", "coverage"):
        run("publish", report)
    end = head(database)
    kept = "SELECT {}, {}, as_of, {}, encode(sha256(({})::text::bytea), 'hex'), checkpoint FROM published_reports"
    columns = "INSERT INTO published_reports (report, position, as_of, content, sha256, checkpoint) "
    true = f" WHERE report = 'coverage' AND position = {end}"
    for name, position, content in (
        ("'nothing'", "position", "content"),
        ("report", "position - 1", "content"),
        ("report", "10000", "content"),
        ("report", "position - 2", "'nonsense'"),
        ("report", "position - 3", "'[]'"),
        ("report", "0", "content"),
    ):
        changed(database, columns + kept.format(name, position, content, content) + true)
    status, said = run("replay", "--compare")
    assert status == 1 and "Traceback" not in said
    assert "There is no report 'nothing', of which one is kept." in said
    day = f"of {TODAY}"
    assert f"coverage at {end - 1} {day} cannot be compared: Its content is of another report, position or" in said
    for position in (end - 2, end - 3):
        assert f"coverage at {position} {day} cannot be compared: Its content is none of a report." in said
    assert f"The checkpoint of coverage at 10000 {day} is of {end} events." in said
    assert f"coverage at 0 {day} is of no position of the log." in said
    assert said.endswith("0 published figures and 6 faults beside do not follow from the log.")
    assert f"graduations at {end} {day} published recomputed" in said


def test_what_is_published_is_under_a_checkpoint_of_this_installation(run: Run, database: str, tmp_path: Path) -> None:
    (tmp_path / "home" / "attestation.key").write_bytes(bytes(range(32)))
    status, said = run("publish", "coverage")
    assert status == 1 and "The checkpoint signed last is not signed by rujukan.test/log" in said
    assert run("replay", "--compare")[1].endswith("nothing was compared.")
    status, said = run("verify")
    assert status == 1 and "`--key` takes the one that was kept, if it was replaced." in said


def test_figures_of_a_log_that_was_changed_do_not_follow(run: Run, database: str) -> None:
    """Though events and report were changed alike."""
    run("publish", "coverage")
    changed(database, "UPDATE rujukan_events SET logged_at = logged_at + interval '1 us' WHERE notification_id = 5")
    status, said = run("replay", "--compare")
    assert status == 1 and "The event at position 5 is another than when the tree grew by it." in said


def test_what_is_kept_otherwise_is_not_published_as_it_is_now(run: Run, database: str) -> None:
    run("publish", "coverage")
    changed(
        database,
        "UPDATE published_reports SET content = replace(content, '33.24/', '33.25/'),"
        " sha256 = encode(sha256(replace(content, '33.24/', '33.25/')::bytea), 'hex')",
    )
    status, said = run("publish", "coverage")
    assert status == 1 and "was published before, and is kept with other figures" in said


def test_a_topic_leads_to_no_module(run: Run, database: str, capsys: pytest.CaptureFixture[str]) -> None:
    changed(database, "UPDATE rujukan_events SET topic = 'this:x' WHERE notification_id = 5")
    status, said = run("replay", "graduations")
    assert status == 1 and "Zen" not in said + capsys.readouterr().out
    assert "The event at position 5 (this:x) cannot be read" in said


def test_of_an_empty_log_nothing_is_published(empty_log: Run) -> None:
    assert empty_log("publish", "coverage") == (1, "rujukan: Nothing has been logged: there is nothing to publish.")


def test_what_is_published_cannot_be_changed_by_the_owner(run: Run, database: str) -> None:
    run("publish", "coverage")
    for statement in ("UPDATE published_reports SET position = 1", "DELETE FROM published_reports"):
        with psycopg.connect(database) as session, pytest.raises(psycopg.Error, match="append-only"):
            session.execute(statement)  # type: ignore[call-overload]


def test_all_reports_are_replayed_as_known_at_a_position(run: Run, database: str) -> None:
    status, said = run("replay", *DAY)
    assert status == 0
    for report, judged in (("graduations", True), ("coverage", False), ("follow_up", True)):
        told = f"{report}, known at position {head(database)}"
        assert told + (", judged on 2026-11-23;" if judged else ";") in said
    status, said = run("replay", "graduations", "--known-at", 3, *DAY)
    assert status == 0 and "known at position 3," in said
    status, said = run("replay", "graduations", "--known-at", "2000-01-01", *DAY)
    assert status == 0 and said.count("known at position 0,") == 1 and "Nothing had been logged by then." in said
    today = run("replay", "graduations", "--known-at", datetime.now(JAKARTA).date(), *DAY)[1]
    assert f"known at position {head(database)}," in today


def test_a_household_is_told_as_it_was_known_and_nothing_personal_is_opened(run: Run, database: str) -> None:
    status, said = run("replay", "--household", named("siti"))
    assert status == 0
    found = json.loads(said)
    assert found["household"]["household"] == str(named("siti"))
    assert found["known_at"] == head(database)
    status, said = run("replay", "--household", named("siti"), "--known-at", 1)
    assert status == 1 and "The log knows no household" in said


def test_a_figure_is_explained_by_events_whose_proofs_are_checked_alone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, key = run("key")
    status, said = run("explain", "coverage/all/graduated", "--to", tmp_path / "proofs")
    assert status == 0 and "coverage/all/graduated is " in said
    proofs = list((tmp_path / "proofs").glob("*.json"))
    assert proofs
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    for proof in proofs:
        status, said = run("check-proof", proof, "--key", key)
        assert status == 0 and f"holds at position {proof.stem}," in said


def test_a_figure_is_not_explained_by_an_event_that_was_changed(run: Run, database: str, tmp_path: Path) -> None:
    changed(
        database,
        "UPDATE rujukan_events SET logged_at = logged_at - interval '1 us' WHERE topic = 'household.graduated.v1'",
    )
    status, said = run("explain", "coverage/all/graduated", "--to", tmp_path / "proofs")
    assert status == 1 and "is another than when the tree grew by it." in said
    assert not list((tmp_path / "proofs").iterdir())


def test_a_report_as_csv_says_which_log_it_is_of_and_how_it_is_made_again(
    run: Run, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "graduations.csv"
    assert run("publish", "graduations", *DAY, "--to", file)[0] == 0
    lines = list(csv.reader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    about = dict(lines[: lines.index([])])
    position = head(database)
    assert about["reproduced by"] == f"rujukan audit replay graduations --known-at {position} --as-of 2026-11-23"
    assert json.loads(about["checkpoint"]).startswith("rujukan.test/log\n")
    assert (about["known at position"], len(about["SHA-256"])) == (str(position), 64)
    names, *rows = lines[lines.index([]) + 1 :]
    assert names[:4] == ["year", "region", "region_name", "count"]
    assert any(row[1:3] == ["33.24", "Kabupaten Kendal"] for row in rows), rows
    again = tmp_path / "again.csv"
    assert run(*about["reproduced by"].split()[2:], "--to", again)[0] == 0
    assert again.read_bytes() == file.read_bytes()


def test_a_report_as_xlsx_holds_the_same(run: Run, tmp_path: Path) -> None:
    assert run("publish", "coverage", "--to", tmp_path / "coverage.xlsx")[0] == 0
    assert run("publish", "coverage", "--to", tmp_path / "coverage.csv")[0] == 0
    lines = list(csv.reader(io.StringIO((tmp_path / "coverage.csv").read_text("utf-8-sig"), newline="")))
    assert cells(tmp_path / "coverage.xlsx") == [line for line in lines if line]


def cells(file: Path) -> list[list[str]]:
    with zipfile.ZipFile(file) as book:
        texts = [
            "".join(part.text or "" for part in text.iter(f"{SHEET}t"))
            for text in ElementTree.fromstring(book.read("xl/sharedStrings.xml")).iter(f"{SHEET}si")
        ]
        rows = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml")).iter(f"{SHEET}row")
        return [[_text(cell, texts) for cell in row.iter(f"{SHEET}c")] for row in rows]


def _text(cell: ElementTree.Element, texts: list[str]) -> str:
    value = cell.findtext(f"{SHEET}v") or ""
    return texts[int(value)] if cell.get("t") == "s" else value


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["replay", "nothing"], "There is no report 'nothing'"),
        (["publish", "nothing"], "There is no report 'nothing'"),
        (["publish", "follow_up"], "graduations and coverage are."),
        (["explain", "nothing"], "There is no report 'nothing'"),
        (["explain", "coverage/all/nothing"], "A figure of coverage is coverage/REGION/"),
        (["replay", "--known-at", 10**9], "The log ends at position"),
        (["explain", "graduations/abc/all/count"], "'abc' is no year of four digits."),
        (["explain", "coverage/ALL/connected"], "'ALL' is neither all nor the code of a province or regency"),
        (["explain", "coverage/33.99/connected"], "There is no region 33.99."),
        (["publish", "graduations", "--as-of", "2999-01-01"], "2999-01-01 is to come"),
        (["replay", "--known-at", "2999-01-01"], "2999-01-01 is to come"),
        (["replay", "--known-at", "2999-01-01T00:00:00Z"], "2999-01-01T00:00:00Z is to come"),
        (["explain", "coverage/all/connected", "--known-at", "2999-01-01"], "2999-01-01 is to come"),
        (["replay", "--known-at", "yesterday"], "known_at must be a position"),
        (["replay", "--to", "/tmp/x.csv"], "One report is written to one file"),
        (["replay", "coverage", "--to", "/tmp/x.pdf"], "ends neither with .csv nor with .xlsx"),
        (["replay", "coverage", "--to", "/proc/x.csv"], "could not be written"),
        (["replay", "coverage", "--to", "/nowhere/x.csv"], "there is no directory /nowhere."),
        (["publish", "coverage", "--to", "/nowhere/x.csv"], "there is no directory /nowhere."),
        (["explain", "coverage/all/graduated", "--to", "/nowhere/x"], "/nowhere/x is no directory to write to"),
        (["replay", "coverage", "--as-of", "soon"], "does not match the format"),
        (
            ["replay", "coverage", "--as-of", "2026-01-01"],
            "coverage is of what is known at a position",
        ),
        (["publish", "coverage", "--as-of", "2026-01-01"], "coverage is of what is known at a position"),
        (["explain", "coverage/all/graduated", "--as-of", "2026-01-01"], "coverage is of what is known at a position"),
        (["replay", "--compare", "--to", "x.csv"], "only REPORT goes with it"),
        (["replay", "--compare", "--known-at", "3"], "only REPORT goes with it"),
        (["replay", "coverage", "--household", str(named("siti"))], "--household goes with --known-at alone."),
        (["publish", "graduations", "--to", "x.pdf"], "x.pdf ends neither with .csv nor with .xlsx"),
    ],
)
def test_bad_words_are_told_of_on_a_line(run: Run, words: list[object], told: str) -> None:
    status, said = run(*words)
    assert status in (1, 2)
    assert told in said, said
    assert "Traceback" not in said
    assert not Path("/nowhere").exists()
