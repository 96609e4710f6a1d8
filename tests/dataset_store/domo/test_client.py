"""Tokens are renewed, faults and limits are waited for, and refusals become one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
import requests
from support.domo_stores import connected, domo_store

from dataset_store import DatasetNotFoundError, DatasetSpec, StoreError, open_store
from sandbox.domo.clients import CLIENT, COLLEAGUE, WITHOUT_DATA
from sandbox.domo.columns import Column

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dataset_store import DatasetStore
    from sandbox import Sandbox


def tokens_asked(sandbox: Sandbox) -> int:
    return [each.path for each in sandbox.requests].count("/oauth/token")


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, guid: store.open(guid).info().rows,
        lambda store, guid: sum(batch.num_rows for batch in store.open(guid).read()),
    ],
    ids=["json", "csv"],
)
def test_a_token_that_domo_refuses_is_renewed_once(
    ask: Callable[[DatasetStore, str], int], store: DatasetStore, domo: Sandbox
) -> None:
    guid = connected(domo, "1\n2\n", id="STRING")
    assert ask(store, guid) == 2
    domo.domo_tokens.revoke_all()
    assert ask(store, guid) == 2
    assert tokens_asked(domo) == 2


def test_a_token_is_renewed_before_it_expires(
    store: DatasetStore, domo: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    list(store.list())
    assert tokens_asked(domo) == 1
    monkeypatch.setattr(store._client._tokens, "_renew_at", 0.0)  # type: ignore[attr-defined]
    list(store.list())
    assert tokens_asked(domo) == 2


def test_a_refusal_of_the_csv_of_a_dataset_is_no_loop(store: DatasetStore, domo: Sandbox) -> None:
    guid = connected(domo, "1\n", id="STRING")
    dataset = store.open(guid)
    domo.domo.set(token_seconds=0)
    domo.domo_tokens.revoke_all()
    with pytest.raises(StoreError, match="HTTP 406"):
        list(dataset.read())
    with pytest.raises(StoreError, match="no longer accepts access tokens of this client"):
        store.open(guid)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"client_secret": "wrong-secret"}, "does not accept this `client_id`"),
        ({"client": WITHOUT_DATA}, "lacks the scope `data`"),
    ],
    ids=["secret", "scope"],
)
def test_a_client_that_may_not_ask_is_refused_at_the_start(
    options: dict[str, Any], said: str, domo: Sandbox, tmp_path: Path
) -> None:
    store = domo_store(domo, tmp_path, **options)
    with pytest.raises(StoreError, match=rf"^store_options: .*{said}") as caught:
        store.check_writable()
    assert "wrong-secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "times"),
    [("service_unavailable", 4), ("html", 4), ("answer_lost", 4), ("connection_reset", 4)],
)
def test_faults_are_tried_again(
    kind: str, times: int, store: DatasetStore, domo: Sandbox, skipped: list[float]
) -> None:
    guid = connected(domo, "1\n", id="STRING")
    domo.faults.add(kind, path="/v1/datasets/*", count=times)
    assert store.open(guid).info().rows == 1
    assert len(skipped) == times
    assert all(0 < each <= 60 for each in skipped)
    assert skipped[-1] > skipped[0]


def test_tries_come_to_an_end(store: DatasetStore, domo: Sandbox, skipped: list[float]) -> None:
    domo.faults.add("service_unavailable", path="/v1/*", count=None)
    with pytest.raises(StoreError, match="Domo is unavailable"):
        list(store.list())
    domo.faults.clear()
    domo.faults.add("answer_lost", path="/v1/*", count=None)
    with pytest.raises(StoreError, match=r"cannot be reached \(ConnectionError, 5 tries\)"):
        list(store.list())


@pytest.mark.parametrize("answer", ["429", "403"])
@pytest.mark.usefixtures("waits_pass")
def test_limits_are_waited_for(answer: Any, store: DatasetStore, domo: Sandbox) -> None:
    domo.domo.set(requests_per_minute=2, limit_answer=answer)
    for _ in range(4):
        list(store.list())
    assert [each.status for each in domo.requests].count(int(answer)) >= 1


@pytest.mark.parametrize("answer", ["429", "403"])
def test_a_limit_that_takes_too_long_is_told(
    answer: Any, domo: Sandbox, tmp_path: Path, skipped: list[float]
) -> None:
    store = domo_store(domo, tmp_path, max_wait_seconds=30)
    domo.domo.set(requests_per_minute=1, limit_answer=answer)
    with pytest.raises(StoreError, match="one of Domo's limits is exhausted"):
        [list(store.list()) for _ in range(2)]
    assert sum(skipped) <= 30


def test_what_is_not_the_clients_is_refused(store: DatasetStore, domo: Sandbox) -> None:
    theirs = domo.domo.add("theirs", [Column("STRING", "id")], COLLEAGUE)
    with pytest.raises(StoreError, match=r"access is denied.*Manage DataSet.*\(HTTP 403, trace"):
        store.open(theirs.id)
    with pytest.raises(DatasetNotFoundError, match="has no access"):
        store.open("11111111-0000-4000-8000-000000000000")


@pytest.mark.parametrize("shown", ["404", "partial"])
def test_a_deleted_dataset_is_gone(shown: Any, store: DatasetStore, domo: Sandbox) -> None:
    domo.domo.set(deleted_answer=shown)
    guid = connected(domo, "1\n", id="STRING")
    domo.domo.delete(domo.domo.datasets[guid])
    assert store.find(guid) is None
    with pytest.raises(DatasetNotFoundError, match=guid):
        store.open(guid)


def test_the_token_goes_to_no_other_host(
    store: DatasetStore, domo: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No redirection is followed, and no entry of a .netrc takes the token's place."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password sesame\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert list(store.list()) == []

    def redirected(*_: Any, **arguments: Any) -> requests.Response:
        assert arguments["allow_redirects"] is False
        answer = requests.Response()
        answer.status_code, answer._content = 302, b""
        answer.headers["Location"] = "http://elsewhere.example/"
        return answer

    monkeypatch.setattr(requests.Session, "request", redirected)
    with pytest.raises(StoreError, match="HTTP 302"):
        list(store.list())


def test_listings_have_as_many_pages_as_there_are(store: DatasetStore, domo: Sandbox) -> None:
    for number in range(101):
        domo.domo.add(f"{number:03}", [Column("STRING", "id")], CLIENT)
    assert [info.name for info in store.list()] == [f"{number:03}" for number in range(101)]
    assert [info.name for info in store.search("09")] == [f"{n:03}" for n in (9, *range(90, 100))]


@pytest.mark.parametrize(
    "address", ["domo://", "domo://api.domo.com/v1", "domo://user@api.domo.com", "domo:///x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"^store: .*domo://api\.domo\.com"):
        open_store(address, {"client_id": "a", "client_secret": "b"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "client_id"),
        ({"client_id": "a", "client_secret": ""}, "client_secret"),
        ({"client_id": "a", "client_secret": "sesame", "colour": 1}, "colour"),
        ({"client_id": "a", "client_secret": "sesame", "part_rows": 0}, "part_rows"),
    ],
    ids=["none", "empty", "unknown", "small"],
)
def test_options_are_checked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(StoreError, match=rf"^store_options: .*{said}") as caught:
        open_store("domo://api.domo.com", options)
    assert "sesame" not in str(caught.value)


def test_only_this_machine_is_asked_without_encryption(tmp_path: Path) -> None:
    options = {"client_id": "a", "client_secret": "b", "state_dir": str(tmp_path)}
    urls = {
        address: open_store(f"domo://{address}", options)._client._base_url  # type: ignore[attr-defined]
        for address in ("api.domo.com", "localhost:8480", "127.0.0.1:1", "[::1]:2", "10.0.0.1")
    }
    assert urls == {
        "api.domo.com": "https://api.domo.com",
        "localhost:8480": "http://localhost:8480",
        "127.0.0.1:1": "http://127.0.0.1:1",
        "[::1]:2": "http://[::1]:2",
        "10.0.0.1": "https://10.0.0.1",
    }


@pytest.mark.parametrize(("kind", "made"), [("answer_lost", 1), ("service_unavailable", 0)])
def test_a_dataset_is_never_made_twice(
    kind: str, made: int, store: DatasetStore, domo: Sandbox, skipped: list[float]
) -> None:
    domo.faults.add(kind, path="/v1/streams", count=1)
    spec = DatasetSpec("posts", pa.schema([("id", pa.string())]), labels={"stream": "posts"})
    if made:
        assert store.create(spec).info().labels == {"stream": "posts"}
    else:
        with pytest.raises(StoreError, match="did not respond to its creation"):
            store.create(spec)
    assert len(domo.domo.datasets) == made
