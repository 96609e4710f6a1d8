"""What an index would get: the same bytes from the same commit, and READMEs whose links hold there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from distributions.__main__ import main
from distributions.building import build, check
from distributions.sources import FOLDERS, Repository

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
REPOSITORY = Repository(ROOT, "https://example.org/o/n")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    return build(REPOSITORY, tmp_path_factory.mktemp("dist"))


def contents(files: Sequence[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in files}


def test_there_are_a_wheel_and_an_sdist_of_each(built: Sequence[Path]) -> None:
    names = [re.sub(r"-\d.*?(?=\.tar|-py3|$)", "", path.name) for path in built]
    assert names == [
        "opendataset_tap_twitter.tar.gz",
        "opendataset_target_dataset.tar.gz",
        "opendataset_tap_twitter-py3-none-any.whl",
        "opendataset_target_dataset-py3-none-any.whl",
    ]


def test_a_second_build_elsewhere_gives_the_same_bytes(
    built: Sequence[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    mask = os.umask(0o077)
    try:
        again = build(REPOSITORY, tmp_path)
    finally:
        os.umask(mask)
    assert contents(again) == contents(built)


@pytest.mark.parametrize("name", ["tap_twitter", "target_dataset"])
def test_the_sdist_gives_the_wheel(built: Sequence[Path], name: str, tmp_path: Path) -> None:
    sdist, wheel = (path for path in built if name in path.name)
    with tarfile.open(sdist) as files:
        files.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": REPOSITORY.commit_time()}
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True)
    assert (tmp_path / wheel.name).read_bytes() == wheel.read_bytes()


def test_an_index_can_show_them(built: Sequence[Path]) -> None:
    check(built)


def metadata(wheel: Path) -> str:
    with ZipFile(wheel) as files:
        (name,) = (name for name in files.namelist() if name.endswith("/METADATA"))
        return files.read(name).decode()


def test_links_hold_outside_of_the_repository(built: Sequence[Path]) -> None:
    for wheel in built[2:]:
        text = metadata(wheel)
        version = REPOSITORY.version("tap-twitter")
        links = re.findall(r"\]\((\S+?)\)", text)
        assert any(
            link.startswith(f"https://example.org/o/n/blob/v{version}/docs/") for link in links
        )
        assert [link for link in links if not link.startswith(("https:", "#"))] == []
        headings = {
            re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        assert {link[1:] for link in links if link.startswith("#")} <= headings
        assert re.findall(r"^Project-URL: (\w+), https://example", text, re.MULTILINE) == [
            "Homepage",
            "Documentation",
            "Changelog",
            "Issues",
        ]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("[a](../docs/cost.md#b)", "[a](https://example.org/o/n/blob/v{v}/docs/cost.md#b)"),
        ("[`a`](pyproject.toml)", "[`a`](https://example.org/o/n/blob/v{v}/tap-twitter/pyproject.toml)"),
        ("[a](#b) [c](https://x.com)", "[a](#b) [c](https://x.com)"),
    ],
    ids=["up", "beside", "absolute"],
)  # fmt: skip
def test_a_link(text: str, result: str) -> None:
    version = REPOSITORY.version("tap-twitter")
    assert REPOSITORY.with_absolute_links(text, "tap-twitter") == result.format(v=version)


def test_a_dead_link_is_named() -> None:
    with pytest.raises(ValueError, match=r"links to docs/no-such-page\.md, which does not exist"):
        REPOSITORY.with_absolute_links("[a](../docs/no-such-page.md)", "tap-twitter")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name the repository"),
        (["--repository", "git@example.org:o/n"], "name the repository"),
        (["--repository", "https://example.org/o/n", "--tag", "v999"], "the tag is v999, the ver"),
        (["--repository", "https://example.org/o/n", "--into", "docs"], "docs is not empty"),
    ],
    ids=["none", "no-address", "tag", "left-over"],
)
def test_what_is_missing_is_said(
    options: list[str], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 2
    assert message in done.output


def test_both_distributions_have_one_version() -> None:
    assert len({REPOSITORY.version(folder) for folder in FOLDERS}) == 1
