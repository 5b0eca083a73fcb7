"""`manage.py ingest`: a file of signals goes the way of any request."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.foundation.clock import now
from accounts.ingestion import files
from accounts.ingestion.fold import fold
from accounts.ingestion.models import InboxRequest, QuarantinedItem, SignalEvent
from accounts.portfolio.models import Account
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, track

Lines = list[Any]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    def write(*lines: Any) -> str:
        texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
        path = tmp_path / "signals.jsonl"
        path.write_bytes(b"\n".join(texts))
        return str(path)

    return write


def test_good_lines_are_stored_and_nothing_else_happens(northwind: Account, file: Any, capsys: Any) -> None:
    call_command("ingest", file(b"\xef\xbb\xbf" + json.dumps(group()).encode(), b"", track(), b"  "))
    assert capsys.readouterr().out == "2 accepted, 0 quarantined, 0 refused\n"
    assert InboxRequest.objects.count() == 1
    assert not SignalEvent.objects.exists()
    fold()
    assert SignalEvent.objects.filter(account=northwind).count() == 2


def test_bad_lines_are_named_and_the_good_ones_kept(northwind: Account, file: Any, capsys: Any) -> None:
    lines = [group(), b'{"type":', track(), b"NaN", {"type": "track", "userId": True}, 7, b"\xff", track("bob")]
    with pytest.raises(SystemExit) as ended:
        call_command("ingest", file(*lines))
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == "3 accepted, 2 quarantined, 3 refused\n"
    said = printed.err.splitlines()
    assert [line.split(":")[0] for line in said] == [
        "line 5 waits in quarantine",
        "line 6 waits in quarantine",
        "line 2 is not JSON",
        "line 4 is not JSON",
        "line 7 is not JSON",
    ]
    assert "`$.userId`" in said[0]
    fold()
    assert SignalEvent.objects.count() == 2
    assert sorted(QuarantinedItem.objects.values_list("reason", flat=True)) == ["malformed", "malformed", "no_account"]


def test_many_lines_become_requests_of_bounded_size(
    northwind: Account, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ITEMS", 10)
    call_command("ingest", file(group(), *(track(messageId=f"m{number}") for number in range(44))))
    assert InboxRequest.objects.count() == 5
    monkeypatch.setattr(files, "ROOM", 100)
    call_command("ingest", file(track(), track()))
    assert InboxRequest.objects.count() == 7
    fold()
    assert SignalEvent.objects.filter(type="track").count() == 46


def test_what_a_file_says_twice_counts_once(northwind: Account, file: Any) -> None:
    path = file(group(messageId="g"), track(messageId="t"))
    call_command("ingest", path)
    call_command("ingest", path)
    fold()
    assert SignalEvent.objects.count() == 2


def test_an_original_timestamp_counts_as_it_stands(northwind: Account, file: Any) -> None:
    item = group() | {"timestamp": None, "originalTimestamp": "2026-03-01T10:00:00+00:00"}
    call_command("ingest", file(item))
    fold()
    assert SignalEvent.objects.get().at.isoformat() == "2026-03-01T10:00:00+00:00"


def test_standard_input_is_a_file_too(northwind: Account, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(group()).encode())))
    call_command("ingest", "-")
    assert capsys.readouterr().out.startswith("1 accepted")


def test_another_source_has_its_own_name(northwind: Account, file: Any) -> None:
    call_command("ingest", file(group()), "--source", "mobile-app")
    assert InboxRequest.objects.get().source == Source.objects.get(key="mobile-app")


@pytest.mark.parametrize(
    ("args", "says"), [(["no-such-file"], "No such file"), (["."], "directory"), (["-", "--source", "!"], "--source")]
)
def test_what_cannot_be_used_is_refused(
    db: Any, args: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    with pytest.raises(SystemExit) as ended:
        call_command("ingest", *args)
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_a_line_larger_than_a_request_is_refused(northwind: Account, capsys: Any) -> None:
    sent = files.send_lines([b'"' + b"x" * 5_000_000 + b'"'], source=Source.objects.get(), at=now())
    assert [bad.number for bad in sent.refused] == [1]
    assert not InboxRequest.objects.exists()
