"""Keeps a handful of processes running together: starts them, restarts them, ends them all.

It knows nothing about Django. `config/management/commands/run.py` says what to run.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from config import processes

GRACE = 5.0  # seconds between asking children to end and killing them; all of it must fit into 8
TICK = 0.1
DEATHS_ALLOWED = 4
WITHIN = 60.0
LAST_LINES = 20


class PortTaken(Exception):
    """Somebody else listens where we are to listen."""


@dataclass
class Child:
    """One process to keep alive, leader of its own session, with the memory of its deaths and last lines."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    reader: threading.Thread | None = None
    restart_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS_ALLOWED + 1))
    output: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))

    def start(self, environment: dict[str, str], say: Callable[[str], None]) -> None:
        """Start it and copy what it says, line by line, with its name in front."""
        # Its own session: Ctrl-C in a terminal reaches the supervisor alone, which then ends everything in order.
        self.process = subprocess.Popen(  # noqa: S603  (our own commands)
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.reader = threading.Thread(target=self._copy, args=(self.process.stdout, say), daemon=True)
        self.reader.start()

    def _copy(self, stream: IO[bytes], say: Callable[[str], None]) -> None:
        for line in stream:
            text = line.decode(errors="replace").rstrip()
            self.output.append(text)
            say(f"[{self.name}] {text}")

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def group(self) -> list[int]:
        return [self.process.pid] if self.process else []

    def died(self, at: float) -> float | None:
        """Note a death; seconds until it may start again, or None when it has died too often."""
        self.deaths.append(at)
        recent = sum(at - death < WITHIN for death in self.deaths)
        return None if recent > DEATHS_ALLOWED else float(2 ** (recent - 1))


class Supervisor:
    """Runs children until SIGINT, SIGTERM or SIGHUP, or until one of them cannot be kept alive."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        folder: Path,
        is_ready: Callable[[], bool] = lambda: True,
        on_ready: Callable[[], None] = lambda: None,
        should_stop: Callable[[], bool] = lambda: False,
        stream: IO[str] | None = None,
    ) -> None:
        self.children = list(children)
        self.folder = folder
        self.is_ready, self.on_ready, self.should_stop = is_ready, on_ready, should_stop
        self.stream = stream or sys.stdout
        self.marker = processes.new_marker()
        self.environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self.stopping = False

    def run(self) -> int:
        """Start the children and stay until it is time to end; the exit code."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # A hang-up that is ignored stays ignored: that is what `nohup` asks for.
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._ask_to_stop)
        failed: Child | None = None
        try:
            for child in self.children:
                self._start(child)
            failed = self._watch()
        finally:
            self._end()
        if failed is None:
            return 0
        self.say(f"{failed.name} ended {DEATHS_ALLOWED + 1} times within a minute, so everything was stopped.")
        self.say("Its last lines were:")
        for line in failed.output:
            self.say(f"    {line}")
        return 1

    def say(self, text: str) -> None:
        """One line to whoever watches; a closed terminal is no reason to end."""
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(f"{text}\n")  # in one piece: the readers of all children write here too
            self.stream.flush()

    def _watch(self) -> Child | None:
        """Until asked to stop: restart what ends. The child that cannot be kept alive, if it comes to that."""
        ready = False
        while not self.stopping:
            for child in self.children:
                if not child.alive and not self._revive(child):
                    return child
            if not ready and self.is_ready():
                ready = True
                self.on_ready()
            self.stopping = self.stopping or self.should_stop()
            time.sleep(TICK)
        return None

    def _revive(self, child: Child) -> bool:
        """Take a dead child one step back to life; False when it has died too often."""
        now = time.monotonic()
        if child.process is not None:
            code = child.process.returncode
            processes.kill_marked(self._marker_of(child), child.group)
            child.process = None
            wait = child.died(now)
            if wait is None:
                return False
            child.restart_at = now + wait
            self.say(f"{child.name} ended by itself ({_reason(code)}); it starts again in {wait:.0f} s.")
        elif now >= child.restart_at:
            self._start(child)
        return True

    def _start(self, child: Child) -> None:
        if self.stopping:
            return
        child.start(self.environment | {processes.MARKER: self._marker_of(child)}, self.say)
        pids = {other.name: other.process.pid for other in self.children if other.process}
        processes.record(self.folder, self.marker, pids)

    def _marker_of(self, child: Child) -> str:
        return f"{self.marker}/{child.name}"

    def _end(self) -> None:
        """Ask the children to end, give them `GRACE` seconds, then kill whatever they and theirs left behind."""
        self.say("Stopping …")
        for child in self.children:
            if child.process and child.alive:
                child.process.terminate()
        deadline = time.monotonic() + GRACE
        while any(child.alive for child in self.children) and time.monotonic() < deadline:
            time.sleep(0.02)
        processes.kill_marked(self.marker, [group for child in self.children for group in child.group])
        for child in self.children:
            if child.process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(timeout=0.5)
            if child.reader:
                child.reader.join(timeout=0.2)
        processes.forget(self.folder)

    def _ask_to_stop(self, *_: object) -> None:
        self.stopping = True


def refuse_taken_port(port: int) -> None:
    """Raise PortTaken, with a sentence saying what to do, unless we could listen on `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            hint = f"set another one, for example PORT={port + 1 if port < 65535 else 8000}"
            if isinstance(error, PermissionError):
                raise PortTaken(f"Port {port} may not be used by this account; {hint}.") from error
            raise PortTaken(f"Port {port} is taken by another program; {hint}.") from error


def _reason(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {-code}"
    return f"exit code {code}"
