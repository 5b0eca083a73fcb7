"""Servers of our own, to be stopped and flushed: a PostgreSQL cluster and a Redis, on free ports, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import redis

IS_ROOT = os.geteuid() == 0
AS_POSTGRES = {"user": "postgres", "group": "postgres"} if IS_ROOT else {}
"""PostgreSQL refuses to run as root."""


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Postgres:
    """A cluster in a folder of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-pg-"))
        if IS_ROOT:
            shutil.chown(self.folder, "postgres", "postgres")
        self._do("initdb", "-D", f"{self.folder}/data", "-U", "postgres", "-A", "trust", "--no-sync")
        self.start()

    def url(self, name: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        # A server that is stopped loses nothing that the system has taken; only a machine without power would.
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._do("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    def stop(self) -> None:
        """Stops it as a power cut would, connections and all."""
        self._do("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self.folder)

    def _do(self, program: str, *arguments: str) -> None:
        found = shutil.which(program) or max(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{program}")))
        done = subprocess.run(
            [found, *arguments], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **AS_POSTGRES
        )
        assert done.returncode == 0, done.stderr


class Redis:
    """A Redis that keeps nothing on the disk."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port)
        self.start()

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        for _ in range(100):
            try:
                self.client.ping()
            except redis.RedisError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("Redis does not answer; is the package redis-server installed?")

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
