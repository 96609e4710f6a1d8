"""`make stream`: what it writes, what it refuses, and that the result is a stream like any other."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from new_stream import files
from new_stream.files import ROOT, UnfitError, written
from support.commands import BIN

from sandbox.application import ENDPOINTS
from sandbox.x.timelines import MENTIONS

if TYPE_CHECKING:
    from pathlib import Path

PATH = "/2/users/{id}/liked_tweets"
"""An endpoint of X that the sandbox does not have."""

SANDBOX = "tests/sandbox/x/timelines.py"


def mentions(path: str, **changes: Any) -> Any:
    """The sandbox's declaration of mentions, as if it were another endpoint."""
    from dataclasses import replace

    found = next(each for each in ENDPOINTS if each.path == MENTIONS)
    return replace(found, path=path, **changes)


def test_a_stream_is_written_and_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ENDPOINTS", [mentions(PATH, scopes=frozenset({"like.read"}))])
    texts = {path.name: text for path, text in written(ROOT, "liked_posts", PATH).items()}
    for name in ("liked_posts.py", "test_liked_posts.py", "tap.py", "v2.py"):
        ast.parse(texts[name])
    assert "class LikedPostsStream(PagedStream[Account], AccountStream)" in texts["liked_posts.py"]
    assert "        MediaLibraryStream,\n" in texts["tap.py"]
    assert "        LikedPostsStream,\n    )" in texts["tap.py"]
    assert "LIKED_POSTS: Final = Endpoint(" in texts["v2.py"]
    assert "scopes=READ | {'like.read'}" in texts["v2.py"]
    assert "is_owned=True" in texts["v2.py"]
    assert "- name: twitter-liked-posts\n" in texts["meltano.yml"]
    assert "- twitter-liked-posts target-dataset" in texts["meltano.yml"]
    assert "| `liked_posts` | one per account and post" in texts["README.md"]
    assert "meltano run liked-posts" in texts["liked_posts.md"]
    assert "  - Liked posts: liked_posts.md\n- Running:\n" in texts["mkdocs.yml"]


@pytest.mark.parametrize(
    ("name", "path", "message"),
    [
        ("Liked", MENTIONS, "is no name of a stream"),
        ("mentions", MENTIONS, "There is a report 'mentions' already"),
        ("engagement", MENTIONS, "There is a report 'engagement' already"),
        ("likes", PATH, "The sandbox has no endpoint"),
        ("fans", "/2/users/{id}/followers", "gives no posts of an account within bounds by id"),
        ("found", "/2/tweets/search/recent", "gives no posts of an account within bounds by id"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, path: str, message: str) -> None:
    with pytest.raises(UnfitError, match=message):
        written(ROOT, name, path)


def test_the_guide_shows_mentions_as_it_is() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text().partition("## Add a stream")[2]
    endpoints = (ROOT / "tap-twitter/tap_twitter/api/endpoints/v2.py").read_text()
    report = (ROOT / "tap-twitter/tap_twitter/reports/mentions.py").read_text()
    declaration = endpoints.partition("MENTIONS: Final = Endpoint(\n")[2].partition("\n)")[0]
    body = report.partition("class ")
    members = body[2].rpartition('"""\n')[2].strip().splitlines()
    column = next(line for line in body[0].splitlines() if line.startswith("ACCOUNT_ID"))
    header = f"class {body[2].splitlines()[0]}"
    for line in [column, header, *members, *declaration.splitlines()]:
        assert f"`{line.strip()}`" in guide, line


@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "undeclared"])
def test_a_stream_from_the_template_passes_all_checks(tmp_path: Path, *, is_declared: bool) -> None:
    clone = tmp_path / "clone"
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for each in listed.stdout.splitlines():
        (clone / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, clone / each)
    path = "/2/users/{id}/tweets" if is_declared else PATH
    if not is_declared:  # the first step of the guide
        module = clone / SANDBOX
        text = module.read_text()
        first = text[
            text.index("    Endpoint(\n        PATH,") : text.index(
                "    Endpoint(\n        MENTIONS,"
            )
        ]
        module.write_text(
            text.replace(first, f"{first}{first.replace('PATH', chr(34) + PATH + chr(34))}")
        )
    roots = [clone / each for each in ("tap-twitter", "target-dataset", "tests")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"

    def run(*command: Any) -> None:
        done = subprocess.run(
            command, cwd=clone, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{done.stdout}{done.stderr}"

    python = BIN / "python"
    run(python, "-m", "new_stream", "--name", "our_posts", "--endpoint", path)
    run(BIN / "ruff", "check", "--no-cache", ".")
    run(BIN / "ruff", "format", "--no-cache", "--check", ".")
    package = "tap-twitter/tap_twitter"
    typed = [f"{package}/tap.py", f"{package}/reports/our_posts.py"]
    typed.append("tests/tap_twitter/reports/test_our_posts.py")
    run(BIN / "mypy", "--cache-dir", tmp_path / "mypy", *typed)
    run(python, "-m", "support.state_jobs", "our_posts")
    tests = ["reports/test_our_posts.py", "test_merged_states.py", "singer/test_stream_output.py"]
    files = [f"tests/tap_twitter/{each}" for each in tests]
    chosen = "our_posts or say_so or kill or three_days or ids_and_order or buy_nothing"
    run(python, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", chosen, *files)
    listed_as = "every_stream or every_page or settings_stand or files_exist or links_lead"
    files = ["tests/test_project.py", "tests/test_docs.py", "tests/test_docs_coverage.py"]
    run(python, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "-k", listed_as, *files)
