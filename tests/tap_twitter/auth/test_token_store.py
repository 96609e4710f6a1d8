"""The token store: what it keeps, from whom, and through which accidents."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from datetime import UTC
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.token_store import Login, TokenStore
from tap_twitter.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOMENTS = st.none() | st.datetimes(timezones=st.just(UTC))
TEXTS = st.none() | st.text()
LOGINS = st.builds(
    Login,
    name=st.sampled_from(["brand", "Rival & Co", "ärger", ""]),
    kind=st.sampled_from([AuthKind.OAUTH1, AuthKind.OAUTH2]),
    access_token=st.text(),
    access_token_secret=TEXTS,
    refresh_token=TEXTS,
    client_secret=TEXTS,
    expires_at=MOMENTS,
    refreshing_since=MOMENTS,
    scopes=st.frozensets(st.sampled_from(["tweet.read", "users.read", "offline.access"])),
)
STEPS = st.lists(LOGINS | LOGINS.map(lambda login: login.name), max_size=8)


def login(name: str = "brand", access_token: str = "old") -> Login:
    return Login(name=name, kind=AuthKind.OAUTH2, access_token=access_token)


@given(steps=STEPS)
def test_the_store_is_a_dictionary_that_lasts(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Login | str]
) -> None:
    path = tmp_path_factory.mktemp("store") / "tokens.json"
    model: dict[str, Login] = {}
    for step in steps:
        if isinstance(step, Login):
            model[step.name] = step
            TokenStore(path).put(step)
        else:
            assert TokenStore(path).remove(step) is (model.pop(step, None) is not None)
        reader = TokenStore(path)
        assert reader.names() == sorted(model)
        assert reader.logins() == [model[name] for name in sorted(model)]
        assert reader.get("brand") == model.get("brand")


def test_nobody_else_can_look_in(store: TokenStore, tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        store.put(login())
    finally:
        os.umask(umask)
    folder = tmp_path / "private"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"tokens.json": 0o600, ".tokens.json.lock": 0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_looking_makes_nothing(store: TokenStore, tmp_path: Path) -> None:
    assert (store.names(), store.logins(), store.get("brand")) == ([], [], None)
    assert list(tmp_path.iterdir()) == []


def test_a_login_shows_no_secret() -> None:
    shown = repr(
        Login(
            name="brand",
            kind=AuthKind.OAUTH1,
            user_id="12",
            access_token="hidden-1",
            access_token_secret="hidden-2",
            consumer_key="hidden-3",
            consumer_secret="hidden-4",
            client_secret="hidden-5",
            refresh_token="hidden-6",
        )
    )
    assert "brand" in shown
    assert "hidden" not in shown


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "damaged or not a token store"),
    "cut-short": (b'{"version": 1, "logins": [{"name": "br', "damaged or not a token store"),
    "binary": (b"\xff\xfe\x00", "damaged or not a token store"),
    "foreign": (b'{"accounts": ["hidden"]}', "damaged or not a token store"),
    "list": (b"[]", "damaged or not a token store"),
    "lacking": (b'{"version": 1, "logins": [{"name": "hidden"}]}', "damaged or not a token store"),
    "zoneless": (
        b'{"version": 1, "logins": [{"name": "a", "kind": "OAuth 2.0 User Context", '
        b'"access_token": "hidden", "expires_at": "2026-01-01T00:00:00"}]}',
        "damaged or not a token store",
    ),
    "later": (b'{"version": 2, "vault": "hidden"}', "a later version of tap-twitter"),
}


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_store_is_refused_and_kept(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "tokens.json"
    path.touch(mode=0o600)
    path.write_bytes(content)
    for use in (TokenStore(path).names, lambda: TokenStore(path).put(login())):
        with pytest.raises(SettingError, match=r"^Setting 'auth\.token_store', file .*") as raised:
            use()
        assert reason in str(raised.value)
        assert "hidden" not in str(raised.value)
        assert "\n" not in str(raised.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o606], ids=oct)
def test_a_file_that_others_can_use_is_refused(
    store: TokenStore, tmp_path: Path, mode: int
) -> None:
    store.put(login())
    path = tmp_path / "private" / "tokens.json"
    path.chmod(mode)
    for use in (store.names, lambda: store.put(login())):
        with pytest.raises(SettingError, match=r"other users .* `chmod 600 "):
            use()
    path.chmod(0o600)
    assert store.names() == ["brand"]


def test_the_mend_of_a_file_that_others_can_use_works_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "a user's home"))
    store = TokenStore(type(tmp_path)("~/my tokens.json"))
    store.put(login())
    (tmp_path / "a user's home" / "my tokens.json").chmod(0o644)
    with pytest.raises(SettingError) as raised:
        store.names()
    subprocess.run(str(raised.value).split("`")[1], shell=True, check=True)
    assert store.names() == ["brand"]


def _in_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "tokens.json"


def _a_folder(folder: Path) -> Path:
    (folder / "tokens.json").mkdir()
    return folder / "tokens.json"


def _a_loop(folder: Path) -> Path:
    (folder / "one").symlink_to(folder / "two")
    (folder / "two").symlink_to(folder / "one")
    return folder / "one"


@pytest.mark.parametrize("make", [_in_a_file, _a_folder, _a_loop])
def test_a_path_that_cannot_be_is_told(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    path = make(tmp_path)
    for use in (TokenStore(path).names, lambda: TokenStore(path).put(login())):
        with pytest.raises(SettingError, match=r"'auth\.token_store', file .* cannot be "):
            use()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's /sys")
def test_a_folder_that_nobody_can_write_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"file /sys/tokens\.json: it cannot be written \("):
        TokenStore(type(tmp_path)("/sys/tokens.json")).put(login())


def test_a_link_stays_and_the_file_behind_it_is_written(tmp_path: Path) -> None:
    link, target = tmp_path / "link.json", tmp_path / "elsewhere" / "tokens.json"
    link.symlink_to(target)
    TokenStore(link).put(login())
    assert link.is_symlink()
    assert TokenStore(target).names() == TokenStore(link).names() == ["brand"]


def test_the_home_folder_can_be_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    TokenStore(type(tmp_path)("~/.tap-twitter/tokens.json")).put(login())
    assert (tmp_path / ".tap-twitter" / "tokens.json").is_file()


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tap_twitter.auth.credentials import AuthKind
from tap_twitter.auth.token_store import Login, TokenStore
from tap_twitter.errors import SettingError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512))
try:
    TokenStore(Path(sys.argv[1])).put(Login(name="big", kind=AuthKind.OAUTH2, access_token="hidden" * 500))
except SettingError as error:
    print(error)
"""


def test_a_file_that_cannot_grow_leaves_the_old_one(store: TokenStore, tmp_path: Path) -> None:
    store.put(login())
    path = tmp_path / "private" / "tokens.json"
    program = [sys.executable, "-c", FULL_DISK, str(path)]
    said = subprocess.run(program, capture_output=True, text=True, check=True).stdout
    assert f"cannot be written ({os.strerror(errno.EFBIG)})" in said
    assert "hidden" not in said
    assert store.logins() == [login()]
    assert sorted(file.name for file in path.parent.iterdir()) == [
        ".tokens.json.lock",
        "tokens.json",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_written_still_serves_readers(
    store: TokenStore, tmp_path: Path
) -> None:
    store.put(login())
    (tmp_path / "private" / ".tokens.json.lock").unlink()
    (tmp_path / "private").chmod(0o500)
    try:
        assert store.get("brand") == login()
        with pytest.raises(SettingError, match=r"cannot be written \(Permission denied\)"):
            store.put(login())
    finally:
        (tmp_path / "private").chmod(0o700)


def test_writers_take_turns_and_do_not_wait_for_ever(
    store: TokenStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    other = TokenStore(tmp_path / "private" / "tokens.json", lock_seconds=0.1)
    with store.locked():
        store.put(login())
        assert other.get("brand") == login()
        with pytest.raises(SettingError, match=r"another process has held its lock for 0\.1 s"):
            other.put(login("rival"))
    assert caplog.messages == []
    other.put(login("rival"))
    assert store.names() == ["brand", "rival"]


def test_a_longer_wait_for_another_process_is_told_once(
    store: TokenStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    path = tmp_path / "private" / "tokens.json"
    with store.locked(), pytest.raises(SettingError, match=r"held its lock for 2\.5 s"):
        TokenStore(path, lock_seconds=2.5).put(login())
    assert caplog.messages == [f"Waiting for another process that uses the token store {path}."]


def test_a_kill_anywhere_in_a_write_leaves_the_old_file_or_the_new_one(
    store: TokenStore, tmp_path: Path, processes: Callable[[list[dict[str, Any]]], Any]
) -> None:
    path = tmp_path / "private" / "tokens.json"
    store.put(login("rival"))
    task = {"do": "put", "with": {"path": str(path), "name": "brand", "access_token": "new"}}
    found = []
    for line in range(1, 200):
        store.put(login())
        (end,) = processes([{**task, "die_at": line}])
        found.append(store.logins())
        if not end["was_killed"]:
            break
    old, new = [login(), login("rival")], [login("brand", "new"), login("rival")]
    assert end["said"] == "stored"
    assert found == [old] * found.count(old) + [new] * found.count(new)
    assert min(found.count(old), found.count(new)) >= 3
    store.put(login())
    assert ".tokens.json.new" not in {file.name for file in path.parent.iterdir()}
