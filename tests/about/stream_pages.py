"""The streams reference of the docs site: an overview, and a page for the streams of each plugin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from about.diagram import diagrams
from about.project import project
from tap_twitter.cost.ledger import PRICES, Resource
from tap_twitter.streams.base import XStream
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tap_twitter.api.endpoints.base import Endpoint

MARK: Final = "<!-- Written by `make about` from the catalog. -->\n\n"
HEAD: Final = "| Stream | Rows | Key | Replication | X charges (USD) |\n|---|---|---|---|---|\n"
COLUMNS_HEAD: Final = "| Column | Type | Holds |\n|---|---|---|\n"
NAVIGATION: Final = "  - Streams by job:\n"
NOUNS: Final[Mapping[Resource, str]] = {
    Resource.USER: "user",
    Resource.POST: "post",
    Resource.DM_EVENT: "event",
    Resource.FOLLOW: "user",
    Resource.COUNTS_REQUEST: "request",
}
INTRODUCTION: Final = """# Streams

The tap reads the streams that a catalog selects; without a catalog, only `users_lookup`. In Meltano, each job selects its own.
*Incremental* streams resume where the last run stopped, by the column named. *Full* streams give all rows anew in each run.
[Cost](cost.md) explains the prices: an object is charged once per UTC day, and a cheaper price holds for what the owner of the X
app reads of its own account. `historical_engagement` is incremental for a range from a specific start; the recent posts that it
reports are bought like those of `tweet_insights`.

"""
RELATIONS: Final = """
## How the streams are related

Each box is a stream with its key (bold) and the columns that refer to other streams. A line joins such a column with the column whose
values it holds; lines that follow from others are left out. The dataset of a stream may lack rows that others refer to: it has what
was read.

"""


@dataclass(frozen=True)
class Family:
    """The streams of a plugin.

    Attributes:
        job: The job that runs them, which names their page.
        names: Their names.
    """

    job: str
    names: tuple[str, ...]

    @property
    def page(self) -> str:
        """Their page, below `docs/`."""
        return f"streams/{self.job}.md"


class Reference:
    """The streams as the tap has them, with what the README and the project say about them."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def streams(self) -> Mapping[str, XStream[Any]]:
        """The streams by name."""
        streams = TapTwitter(config={}).streams
        return {name: each for name, each in streams.items() if isinstance(each, XStream)}

    @cached_property
    def families(self) -> Sequence[Family]:
        """The streams by plugin, in the order of the project."""
        found = project(self.root)
        selects = {each["name"]: each.get("select", ()) for each in found["plugins"]["extractors"]}
        jobs = {job["tasks"][0].split()[0]: job["name"] for job in reversed(found["jobs"])}
        return [
            Family(jobs[plugin], tuple(entry.removesuffix(".*") for entry in selects[plugin]))
            for plugin in selects
            if plugin in jobs
        ]

    @cached_property
    def rows(self) -> Mapping[str, tuple[str, str]]:
        """What a row of each stream is, and the page about it, from the README of the tap."""
        table = (self.root / "tap-twitter/README.md").read_text().partition("\n## ")[0]
        found = re.findall(r"^\| (`.*?`) \| (.*?) \|.*\[(.*?)\]\((.*?)\) \|$", table, re.MULTILINE)
        return {
            name: (rows, f"[{label}]({link.removeprefix('../docs/')})" if "docs/" in link else "")
            for names, rows, label, link in found
            for name in re.findall(r"`(\w+)`", names)
        }

    def price(self, name: str) -> str:
        """What X charges for the objects of a stream."""
        endpoints: Sequence[Endpoint] = self.streams[name].ENDPOINTS
        endpoint = next((each for each in endpoints if each.buys), None)
        if endpoint is None or endpoint.buys is None:
            return "nothing per object"
        own = f", own {PRICES[Resource.OWNED_READ]}" if endpoint.is_owned else ""
        return f"{PRICES[endpoint.buys]} per {NOUNS[endpoint.buys]}{own}"

    def replication(self, name: str) -> str:
        """Whether a run resumes by a column."""
        columns = self.streams[name].bookmark_properties
        return f"incremental, `{'`, `'.join(columns)}`" if columns else "full"

    def key(self, name: str) -> str:
        """The key columns of a stream."""
        return ", ".join(f"`{column}`" for column in self.streams[name].primary_keys or ())


def stream_pages(root: Path) -> dict[Path, str]:
    """The pages and diagrams, and their texts."""
    reference = Reference(root)
    docs = root / "docs"
    drawn = diagrams(reference.streams)
    return {
        docs / "streams.md": _overview(reference, drawn),
        **{docs / family.page: _family(reference, family) for family in reference.families},
        **{docs / f"streams/{each.name}.svg": each.svg for each in drawn},
        root / "mkdocs.yml": _navigation((root / "mkdocs.yml").read_text(), reference.families),
    }


def _navigation(text: str, families: Sequence[Family]) -> str:
    """The settings of the site, with the pages of the streams in its navigation."""
    pages = "".join(f"    - {family.job}: {family.page}\n" for family in families)
    return re.sub(rf"({NAVIGATION})(?:    - .*\n)*", rf"\g<1>{pages}", text)


def _overview(reference: Reference, drawn: Sequence[Any]) -> str:
    rows = "".join(
        f"| [`{name}`]({family.page}#{name}) | {reference.rows[name][0]} | {reference.key(name)} "
        f"| {reference.replication(name)} | {reference.price(name)} |\n"
        for family in reference.families
        for name in family.names
    )
    images = "\n".join(f"![{each.title}](streams/{each.name}.svg)\n" for each in drawn)
    return f"{MARK}{INTRODUCTION}{HEAD}{rows}{RELATIONS}{images}"


def _family(reference: Reference, family: Family) -> str:
    parts = [f"{MARK}# Streams of the job {family.job}\n\n```bash\nmeltano run {family.job}\n```\n"]
    for name in family.names:
        rows, link = reference.rows[name]
        about = (
            f" More: {link.replace('](', '](../')}."
            if link
            else " More: [Users lookup](../lookup.md)."
        )
        parts.append(
            f"\n## {name}\n\n{rows[0].upper()}{rows[1:]}.{about}\n\n"
            f"- Key: {reference.key(name)}\n- Replication: {reference.replication(name)}\n"
            f"- X charges (USD): {reference.price(name)}\n\n"
            f"{COLUMNS_HEAD}{''.join(_columns(reference.streams[name]))}"
        )
    return "".join(parts)


def _columns(stream: XStream[Any]) -> Iterator[str]:
    for name, schema in stream.own_columns.items():
        described = str(schema.get("description", "")).replace("|", "\\|")
        yield f"| `{name}` | {_type(schema)} | {described} |\n"


def _type(schema: Mapping[str, Any]) -> str:
    if "format" in schema:
        return str(schema["format"])
    types = schema.get("type", "any")
    names = [types] if isinstance(types, str) else [each for each in types if each != "null"]
    return " or ".join(names)
