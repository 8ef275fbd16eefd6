"""The embedded PostgreSQL on real processes: whatever is killed, the next start works and no commit is lost."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.postgres import server as postgres_server
from infra.postgres.embedded import EmbeddedError, embedded_postgres, running
from infra.postgres.processes import postgres_processes, postmaster

HOLD = """
import sys, time
from pathlib import Path
from infra.postgres.embedded import embedded_postgres
with embedded_postgres(Path(sys.argv[1]), durable=False) as url:
    print(url, flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def home() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="rj-"))
    yield path
    for process in postgres_processes(path / "postgres"):
        with suppress(psutil.NoSuchProcess):
            process.kill()
    shutil.rmtree(path, ignore_errors=True)


def user_of(home: Path) -> tuple["subprocess.Popen[str]", str]:
    """Another process inside `embedded_postgres`, and the URL it was given."""
    process = begin(home)
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def begin(home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def leave(process: "subprocess.Popen[str]") -> None:
    process.communicate("\n", timeout=60)
    assert process.returncode == 0


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.005)


def write(url: str, *numbers: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        for number in numbers:
            connection.execute("INSERT INTO kept VALUES (%s)", [number])


def kept(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM kept ORDER BY 1")]


def test_a_server_is_made_used_stopped_and_keeps_its_data(home: Path) -> None:
    assert running(home) is None
    with embedded_postgres(home, durable=False) as url:
        assert running(home) == url
        write(url, 1)
    assert running(home) is None
    assert postgres_processes(home / "postgres") == []
    with embedded_postgres(home, durable=False) as url:
        assert kept(url) == [1]


def test_what_the_server_logs_is_for_its_owner_alone(home: Path) -> None:
    with embedded_postgres(home, durable=False):
        log = home / "log" / "postgres.log"
        assert [stat.S_IMODE(path.stat().st_mode) for path in (log.parent, log)] == [0o700, 0o600]


def test_data_is_durable_unless_asked_otherwise(home: Path) -> None:
    with embedded_postgres(home) as url, psycopg.connect(url) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)


def test_a_path_too_long_for_a_socket_works_all_the_same(home: Path) -> None:
    deep = home / ("long-" * 20) / ("path with spaces & signs-" * 3)
    with embedded_postgres(deep, durable=False) as url:
        write(url, 1)
        assert running(deep) == url
    shutil.rmtree(postgres_server.Server(deep.resolve(), True, print).socket_directory(), ignore_errors=True)


def test_the_last_user_to_leave_stops_the_server(home: Path) -> None:
    with embedded_postgres(home, durable=False) as url:
        second, second_url = user_of(home)
        assert second_url == url
    assert running(home) == url
    leave(second)
    assert running(home) is None


def test_a_killed_user_does_not_keep_the_server_from_being_stopped(home: Path) -> None:
    first, url = user_of(home)
    write(url, 1)
    first.kill()
    first.wait()
    assert running(home) == url
    with embedded_postgres(home, durable=False) as again:
        assert kept(again) == [1]
    assert running(home) is None


def test_making_the_database_cut_short_is_redone(home: Path) -> None:
    process = begin(home)
    until(lambda: list(home.glob("postgres.new-*/PG_VERSION")))
    process.kill()
    process.wait()
    assert not (home / "postgres").exists()
    leftovers = list(home.glob("postgres.new-*"))
    assert leftovers
    until(lambda: not [p for p in psutil.process_iter() if str(leftovers[0]) in " ".join(_command(p))])
    with embedded_postgres(home, durable=False) as url:
        write(url, 1)
    assert list(home.glob("postgres.new-*")) == []


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def crash(home: Path) -> int:
    """Kills a server and everything around it at once, as a power cut would; returns the postmaster's id."""
    process, url = user_of(home)
    write(url, 1, 2, 3)
    master = postmaster(home / "postgres")
    assert master is not None
    for victim in [process, master, *postgres_processes(home / "postgres")]:
        with suppress(psutil.NoSuchProcess):  # they also end by themselves when their master is gone
            victim.kill()
    process.wait()
    until(lambda: not postgres_processes(home / "postgres"))
    assert (home / "postgres" / "postmaster.pid").exists()
    return int(master.pid)


def test_after_a_crash_committed_data_is_there_again(home: Path) -> None:
    crash(home)
    with embedded_postgres(home, durable=False) as url:
        assert kept(url) == [1, 2, 3]


def test_a_process_id_in_use_again_by_something_else_does_not_stop_a_start(home: Path) -> None:
    dead = crash(home)
    account = {} if os.geteuid() else {"user": pwd.getpwnam("pgserver").pw_uid}
    other = subprocess.Popen(["sleep", "600"], **account)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            file = home / "postgres" / name
            file.write_text(file.read_text().replace(str(dead), str(other.pid), 1))
        with embedded_postgres(home, durable=False) as url:
            assert kept(url) == [1, 2, 3]
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.parametrize("content", ["", "12", "nonsense\n", "99999999\n/somewhere\n17"])
def test_a_half_written_process_id_file_does_not_stop_a_start(home: Path, content: str) -> None:
    crash(home)
    (home / "postgres" / "postmaster.pid").write_text(content)
    with embedded_postgres(home, durable=False) as url:
        assert kept(url) == [1, 2, 3]


def test_backends_that_outlive_their_killed_server_are_ended_before_the_next_start(home: Path) -> None:
    process, url = user_of(home)
    write(url, 1)
    busy = psycopg.connect(url, autocommit=True)
    pid = busy.info.backend_pid
    backend = psutil.Process(pid)
    backend.suspend()
    master = postmaster(home / "postgres")
    assert master is not None
    for victim in (process, master):
        victim.kill()
    process.wait()
    time.sleep(0.3)
    assert [left.pid for left in postgres_processes(home / "postgres")] == [pid]
    with embedded_postgres(home, durable=False) as again:
        assert kept(again) == [1]
        assert not backend.is_running()


def test_a_server_that_takes_its_time_to_answer_is_waited_for(home: Path) -> None:
    told: list[str] = []
    process, url = user_of(home)
    master = postmaster(home / "postgres")
    assert master is not None
    server = postgres_server.Server(home.resolve(), False, told.append)
    server.answering = iter([*[None] * 60, Path(url)]).__next__  # type: ignore[method-assign]
    assert server.ensure_running() == Path(url)
    assert told == ["Waiting for the database (it recovers if it was cut off) …"]
    leave(process)


def test_a_server_found_shutting_down_is_started_anew(home: Path) -> None:
    process, url = user_of(home)
    write(url, 1)
    idle = psycopg.connect(url)
    master = postmaster(home / "postgres")
    assert master is not None
    master.send_signal(signal.SIGTERM)  # a smart shutdown: waits for the connection above
    process.kill()
    process.wait()
    until(lambda: running(home) is None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgres_server.time, "sleep", lambda _: idle.close())
        with embedded_postgres(home, durable=False) as again:
            assert kept(again) == [1]


def test_many_processes_starting_at_once_share_one_server(home: Path) -> None:
    users = [begin(home) for _ in range(4)]
    urls = {user.stdout.readline().strip() for user in users if user.stdout}
    assert len(urls) == 1
    for user in users:
        leave(user)
    assert running(home) is None


def test_what_stands_in_the_place_of_the_data_is_left_alone_and_named(home: Path) -> None:
    (home / "postgres").mkdir(parents=True)
    (home / "postgres" / "precious").touch()
    with pytest.raises(EmbeddedError, match="not a PostgreSQL data directory"), embedded_postgres(home):
        pass
    assert (home / "postgres" / "precious").exists()


def test_data_of_another_major_version_is_refused_and_left_alone(home: Path) -> None:
    with embedded_postgres(home, durable=False):
        pass
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 16; this is PostgreSQL 18"), embedded_postgres(home):
        pass


def test_a_server_that_cannot_start_says_why_on_one_line(home: Path) -> None:
    with embedded_postgres(home, durable=False):
        pass
    with (home / "postgres" / "postgresql.conf").open("a") as configuration:
        configuration.write("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match=r"does not start: .*FATAL.*") as caught, embedded_postgres(home):
        pass
    assert "\n" not in str(caught.value)


def test_a_user_without_rights_can_run_it(home: Path) -> None:
    """Root, which PostgreSQL refuses, has all the other tests; then this one goes on as somebody else."""
    place = home / "own"
    place.mkdir()
    home.chmod(0o755)
    become = ""
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(place, nobody.pw_uid, nobody.pw_gid)
        become = f"os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid})"
    program = HOLD.replace("with embedded", f"import os; {become}\nwith embedded", 1)
    done = subprocess.run(
        [sys.executable, "-c", program, str(place)], input="\n", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("postgresql://")
