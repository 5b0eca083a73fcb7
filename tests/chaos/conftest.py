"""Installations and servers for the tests of this folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import databases
from tests.chaos.installation import IS_LONG, Installation
from tests.chaos.servers import Redis

SERVER = os.environ.get("TEST_DATABASE_URL", "")
ON_POSTGRESQL = SERVER.startswith("postgres")
collect_ignore = [
    *(
        [] if ON_POSTGRESQL else ["test_servers.py", "test_migrations.py"]
    ),  # what needs a server to stop, or one for several hosts
    *([] if IS_LONG else ["test_pulse.py", "test_migrations.py"]),  # an upgrade under load takes minutes
]

FOUND = """
workspace.found(company="Chaos", by=None, at=now())
"""


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with a workspace, in which nothing ever runs."""
    with databases.new(SERVER) as url:
        yield Installation(tmp_path_factory.mktemp("first"), url, more=FOUND)


@contextmanager
def another(first: Installation, folder: Path) -> Iterator[Installation]:
    """A copy of the first, to be hurt; nothing runs yet."""
    with databases.new(SERVER, like=first.url) as url:
        installation = Installation(folder, url, key=first.key)
        try:
            yield installation
        finally:
            installation.end()


@pytest.fixture
def place(first: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An installation with a workspace; nothing runs yet."""
    with another(first, tmp_path) as installation:
        yield installation


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    server = Redis()
    try:
        yield server
    finally:
        server.stop()
