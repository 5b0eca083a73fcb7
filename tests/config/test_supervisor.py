"""The supervisor, run for real over small processes that do not want to end."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config import processes
from config.supervisor import PortTaken, refuse_taken_port

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]

# A child that ignores SIGTERM, with one grandchild in its own session and one in a session of its own.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleeper = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
for apart in (False, True):
    subprocess.Popen([sys.executable, "-c", sleeper], start_new_session=apart)
print("three of us", flush=True)
time.sleep(300)
"""
BRIEF = "import time; print('good morning', flush=True); time.sleep(0.3)"
BROKEN = "import sys; print('no such table', flush=True); sys.exit(3)"

DRIVER = """
import json, sys
from pathlib import Path
from config import processes
from config.supervisor import Child, Supervisor
folder, children = Path(sys.argv[1]), json.loads(sys.argv[2])
print("ended", len(processes.end_leftovers(folder)), flush=True)
sys.exit(Supervisor([Child(n, [sys.executable, "-c", c]) for n, c in children.items()], folder=folder).run())
"""


class Run:
    """One supervisor over the given children; knows which processes are its own."""

    def __init__(self, folder: Path, children: dict[str, str]) -> None:
        self.folder = folder
        self.log = folder / f"log-{time.monotonic_ns()}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(folder), json.dumps(children)],
                cwd=ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.marker = ""

    @property
    def output(self) -> str:
        return self.log.read_text()

    def others(self) -> list[int]:
        """Ids of everything it started that still lives."""
        for path in self.folder.glob(f"supervisor-{self.process.pid}.json"):
            self.marker = json.loads(path.read_text())["marker"]
        return processes.marked(self.marker) if self.marker else []


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[dict[str, str]], Run]]:
    runs: list[Run] = []

    def begin(children: dict[str, str]) -> Run:
        runs.append(Run(tmp_path, children))
        return runs[-1]

    yield begin
    for run in runs:
        run.others()
        run.process.kill()
        run.process.wait()
        if run.marker:
            processes.kill_marked(run.marker)


def wait_until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_children_and_grandchildren_within_eight_seconds(start, number):
    run = start({"web": STUBBORN, "work": STUBBORN})
    wait_until(lambda: len(run.others()) == 6)
    began = time.monotonic()
    run.process.send_signal(number)
    assert run.process.wait(timeout=8) == 0
    assert time.monotonic() - began < 8
    assert run.others() == []
    assert not list(run.folder.glob("supervisor-*"))
    assert "[web] three of us" in run.output


def test_a_child_that_dies_is_started_again(start):
    run = start({"web": STUBBORN, "work": "import time; print('here', flush=True); time.sleep(300)"})
    wait_until(lambda: "[work] here" in run.output)
    record = json.loads(next(run.folder.glob("supervisor-*.json")).read_text())
    os.kill(record["children"]["work"], signal.SIGKILL)
    wait_until(lambda: run.output.count("[work] here") == 2)
    assert "work ended by itself (signal 9); it starts again in 1 s." in run.output
    assert run.process.poll() is None


def test_what_a_dead_child_left_behind_is_ended_before_it_starts_again(start):
    run = start({"web": STUBBORN})
    wait_until(lambda: "three of us" in run.output)
    before = set(run.others())
    assert len(before) == 3
    record = json.loads(next(run.folder.glob("supervisor-*.json")).read_text())
    os.kill(record["children"]["web"], signal.SIGKILL)
    wait_until(lambda: run.output.count("three of us") == 2)
    wait_until(lambda: len(run.others()) == 3)
    assert not before & set(run.others())


def test_five_deaths_within_a_minute_end_everything_with_the_last_lines(start):
    run = start({"web": "import time; time.sleep(300)", "work": BROKEN})
    assert run.process.wait(timeout=40) == 1
    assert run.others() == []
    waits = re.findall(r"work ended by itself \(exit code 3\); it starts again in (\d+) s", run.output)
    assert waits == ["1", "2", "4", "8"]
    assert "work ended 5 times within a minute, so everything was stopped." in run.output
    assert run.output.rstrip().endswith("no such table")


def test_leftovers_of_a_killed_supervisor_are_ended_at_the_next_start(start):
    killed = start({"web": STUBBORN})
    wait_until(lambda: len(killed.others()) == 3)
    left = killed.others()
    killed.process.kill()
    killed.process.wait()
    assert set(killed.others()) == set(left)
    following = start({"web": BRIEF})
    wait_until(lambda: "good morning" in following.output)
    assert "ended 3" in following.output
    assert killed.others() == []


def test_a_living_supervisor_in_the_same_folder_keeps_its_children(start):
    first = start({"web": STUBBORN})
    wait_until(lambda: len(first.others()) == 3)
    second = start({"web": BRIEF})
    wait_until(lambda: "good morning" in second.output)
    assert "ended 0" in second.output
    assert len(first.others()) == 3


def test_a_number_in_use_again_is_not_taken_for_ours(tmp_path):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        path = tmp_path / "supervisor-1.json"
        path.write_text(json.dumps({"marker": "1-abc", "pid": 1, "started_at": 1, "children": {"web": stranger.pid}}))
        assert processes.end_leftovers(tmp_path) == []
        assert stranger.poll() is None
        assert not path.exists()
    finally:
        stranger.kill()
        stranger.wait()


def test_a_taken_port_is_refused_in_one_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken) as refusal:
            refuse_taken_port(port)
    hint = port + 1 if port < 65535 else 8000
    assert str(refusal.value) == f"Port {port} is taken by another program; set another one, for example PORT={hint}."
    refuse_taken_port(port)


FOLLOWER = """
import time
from config import processes
interrupted = processes.follow_make()
print("listening", flush=True)
while not interrupted(): time.sleep(0.05)
print("noticed", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_to_make_alone_reaches_what_make_started(tmp_path, number):
    script, log = tmp_path / "follower.py", tmp_path / "log"
    script.write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{FOLLOWER}")
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {sys.executable} {script}\n")
    with log.open("wb") as output:
        make = subprocess.Popen(
            ["make", "run"],
            cwd=tmp_path,
            stdout=output,
            stderr=output,
            start_new_session=True,
            # As in a terminal; a background job of a shell inherits an ignored SIGINT.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
    wait_until(lambda: "listening" in log.read_text())
    make.send_signal(number)
    make.wait(timeout=5)
    wait_until(lambda: not _group_lives(make.pid))
    assert "Traceback" not in log.read_text(), "it ended by an accident of its own"


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
