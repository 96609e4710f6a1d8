"""What a distribution is built from: its committed files, with links that hold outside of the repository."""

from __future__ import annotations

import re
import subprocess
import tarfile
import tomllib
from dataclasses import dataclass
from io import BytesIO
from posixpath import normpath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS: Final = ("target-dataset", "tap-twitter")
LINK: Final = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]*)([^)\s]*)(?=\))")
"""The target of a Markdown link that stays in the repository: its path, and the rest."""


@dataclass(frozen=True)
class Repository:
    """The repository at a release.

    Attributes:
        root: The clone.
        url: Where it can be read, such as `https://github.com/OWNER/NAME`.
    """

    root: Path
    url: str

    def version(self, folder: str) -> str:
        """The version of the distribution in a folder."""
        text = (self.root / folder / "pyproject.toml").read_text()
        return str(tomllib.loads(text)["project"]["version"])

    def address(self, path: str, version: str) -> str:
        """The page that shows a file as it was when a version was released.

        Raises:
            ValueError: There is no such file.
        """
        if not (self.root / path).exists():
            msg = f"a README links to {path}, which does not exist"
            raise ValueError(msg)
        return f"{self.url}/blob/v{version}/{path}"

    def commit_time(self) -> str:
        """The time of the last commit, in seconds since 1970."""
        command = ["git", "log", "-1", "--format=%ct"]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def copy(self, folder: str, into: Path) -> Path:
        """Copy the committed files of a distribution, with its project URLs and absolute links."""
        version = self.version(folder)
        command = ["git", "archive", "--format=tar", "HEAD", folder]
        packed = subprocess.run(command, cwd=self.root, capture_output=True, check=True).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as files:
            files.extractall(into, filter="data")
        project, readme = into / folder / "pyproject.toml", into / folder / "README.md"
        project.write_text(f"{project.read_text()}\n{self._urls(version)}")
        readme.write_text(self.with_absolute_links(readme.read_text(), folder))
        return into / folder

    def with_absolute_links(self, text: str, folder: str) -> str:
        """A README whose links hold on an index, too."""
        version = self.version(folder)

        def absolute(link: re.Match[str]) -> str:
            path, rest = link.groups()
            return self.address(normpath(f"{folder}/{path}"), version) + rest

        return LINK.sub(absolute, text)

    def _urls(self, version: str) -> str:
        urls = {
            "Homepage": self.url,
            "Documentation": self.address("docs/index.md", version),
            "Changelog": self.address("CHANGELOG.md", version),
            "Issues": f"{self.url}/issues",
        }
        lines = (f'{name} = "{url}"\n' for name, url in urls.items())
        return f"[project.urls]\n{''.join(lines)}"
