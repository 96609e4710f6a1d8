"""What measures work with: sizes, folders, inputs, and the programs of others."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.peers import install

from bench.builds import BEFORE, build, project
from bench.report import RESULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUILDS: Final = RESULTS.parent / "builds"


@dataclass(frozen=True)
class Scale:
    """How much is measured.

    Attributes:
        pairs: Paired runs of a ratio.
        build_pairs: Paired runs against an earlier build, and of starts, which take little.
        repeats: Runs of what is measured alone.
        posts: Records that are appended, and rows before an upsert.
        many_posts: Records of the larger append.
        changed_posts: Records of a timed upsert, half of them there already.
        scattered_posts: Records of an upsert into several times as many rows, all there already.
        wide_commits: Commits of a stream with many columns.
        replayed_users: Users of the tap's pace.
        users: Users of a pass whose cost is counted.
        timed_users: Users of a pass against X's limits.
        window_seconds: Length of such a limit's window.
        window_requests: Requests in it.
        many_users: Users of the pass whose STATE is weighed.
        small_commits: Commits whose cost is compared with that of as many later ones.
        commits_between: Commits between these and those.
        large_answer_mb: Size of an answer beyond all bounds.
    """

    pairs: int
    build_pairs: int
    repeats: int
    posts: int
    many_posts: int
    changed_posts: int
    scattered_posts: int
    wide_commits: int
    replayed_users: int
    users: int
    timed_users: int
    window_seconds: int
    window_requests: int
    many_users: int
    small_commits: int
    commits_between: int
    large_answer_mb: int


FULL: Final = Scale(
    pairs=5,
    build_pairs=9,
    repeats=3,
    posts=1_000_000,
    many_posts=5_000_000,
    changed_posts=100_000,
    scattered_posts=10_000,
    wide_commits=20,
    replayed_users=100_000,
    users=20_000,
    timed_users=90_000,
    window_seconds=90,
    window_requests=300,
    many_users=1_000_000,
    small_commits=100,
    commits_between=1_000,
    large_answer_mb=1_000,
)
QUICK: Final = Scale(
    pairs=2,
    build_pairs=2,
    repeats=1,
    posts=20_000,
    many_posts=100_000,
    changed_posts=2_000,
    scattered_posts=200,
    wide_commits=2,
    replayed_users=5_000,
    users=2_000,
    timed_users=1_500,
    window_seconds=3,
    window_requests=6,
    many_users=5_000,
    small_commits=5,
    commits_between=10,
    large_answer_mb=200,
)


class Workshop:
    """The place of one run of the bench.

    Args:
        folder: Takes everything that is made; whoever made it deletes it.
        scale: How much is measured.
    """

    def __init__(self, folder: Path, scale: Scale) -> None:
        self._folder = folder
        self._peers: dict[str, Path] = {}
        self.scale = scale

    def peer(self, package: str) -> Path:
        """The folder with the programs of a plugin that others wrote, installed when first asked."""
        if package not in self._peers:
            self._peers[package] = install(package, self._folder, "--compile-bytecode")
        return self._peers[package]

    def before(self) -> Path:
        """The folder with the programs of an earlier build of this project, built when first asked."""
        return build(BEFORE, _BUILDS)

    def project(self) -> Path:
        """The project of the newest commit, with its plugins, for as long as the bench lasts."""
        return project("HEAD", self._folder)

    def project_before(self) -> Path:
        """The project of an earlier commit, with its plugins."""
        return project(BEFORE, _BUILDS)

    def kept(self, name: str) -> Path:
        """A place that lasts as long as the bench, for what several measures use."""
        return self._folder / name

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder that lasts as long as the block."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield Path(folder)
