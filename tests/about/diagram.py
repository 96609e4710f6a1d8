"""Entity-relationship diagrams of the streams, as SVG that fits light and dark pages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tap_twitter.streams.base import XStream

WIDTH: Final = 220
GAP_ACROSS: Final = 90
GAP_DOWN: Final = 24
LINE: Final = 20
MARGIN: Final = 12

Column = tuple[str, str]
"""A stream and a column of it."""

V2_REFERENCES: Final[Mapping[str, Column]] = {
    "account_id": ("account_insights", "account_id"),
    "author_id": ("users_lookup", "requested_id"),
    "sender_id": ("users_lookup", "requested_id"),
    "recipient_id": ("users_lookup", "requested_id"),
    "tweet_id": ("tweet_insights", "id"),
    "query": ("recent_search", "query"),
}
ORGANIC_REFERENCES: Final[Mapping[str, Column]] = {
    "account_id": ("account_history", "id"),
    "user_id": ("twitter_user_history", "id"),
    "tweet_id": ("tweet", "id"),
    "organic_tweet_id": ("tweet", "id"),
    "card_id": ("card_history", "id"),
    "card_uri": ("card_history", "card_uri"),
    "media_key": ("media_library", "media_key"),
    "tweet_analytics.id": ("tweet", "id"),
}
"""By the name of a column, if need be with its stream: whose values it holds."""

STYLE: Final = """
  text { font: 13px ui-monospace, monospace; fill: #1f2328; }
  .name, .key { font-weight: 700; }
  rect { fill: #fff; stroke: #57606a; }
  .head { fill: #e7ecf3; }
  path { fill: none; stroke: #3b6ea8; stroke-width: 1.3; opacity: .75; }
  circle { fill: #3b6ea8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    rect { fill: #1d222b; stroke: #8b949e; }
    .head { fill: #2d3543; }
    path { stroke: #7fb0ea; }
    circle { fill: #7fb0ea; }
  }
"""


@dataclass(frozen=True)
class Box:
    """A stream in a diagram: its columns from top to bottom, those of its key first."""

    stream: str
    columns: tuple[str, ...]
    keys: int
    x: int
    y: int

    @property
    def height(self) -> int:
        """From its upper to its lower edge."""
        return LINE * (len(self.columns) + 1) + 6

    def middle(self, column: str) -> int:
        """The height of a column."""
        return self.y + LINE * (self.columns.index(column) + 1) + 13


class Diagram:
    """Streams, and the columns by which they refer to each other.

    Args:
        name: The name of its file.
        title: What it shows.
        streams: The streams by name.
        references: By the name of a column: whose values it holds.
    """

    def __init__(
        self,
        name: str,
        title: str,
        streams: Mapping[str, XStream[Any]],
        references: Mapping[str, Column],
    ) -> None:
        self.name = name
        self.title = title
        self.streams = streams
        self.references = references

    @cached_property
    def lines(self) -> Sequence[tuple[Column, Column]]:
        """The references: from a column to the one whose values it holds."""
        return [
            ((stream, column), target)
            for stream in self.streams
            for reference, target in self.references.items()
            for column in [reference.removeprefix(f"{stream}.")]
            if column in self.streams[stream].own_columns and target[0] != stream
        ]

    def targets(self, stream: str) -> set[str]:
        """The streams that a stream refers to."""
        return {target for (name, _), (target, _) in self.lines if name == stream}

    def reached(self, stream: str) -> set[str]:
        """The streams that a stream refers to, and those that these refer to."""
        targets = self.targets(stream)
        return targets.union(*map(self.reached, targets))

    def is_drawn(self, line: tuple[Column, Column]) -> bool:
        """Whether no other line leads from the same stream to the same one by way of a third."""
        (source, _), (target, _) = line
        return not any(target in self.reached(each) for each in self.targets(source))

    def columns(self, stream: str) -> tuple[str, ...]:
        """The columns of a stream that the diagram shows."""
        keys = tuple(self.streams[stream].primary_keys or ())
        ends = [column for line in self.lines for (name, column) in line if name == stream]
        return tuple(dict.fromkeys([*keys, *ends]))

    def depth(self, stream: str) -> int:
        """How many references lead from a stream to one that refers to none."""
        return max((self.depth(each) + 1 for each in self.targets(stream)), default=0)

    @cached_property
    def boxes(self) -> Mapping[str, Box]:
        """The boxes: streams stand to the right of those that they refer to."""
        bottoms: dict[int, int] = {}
        found = {}
        for stream in self.streams:
            across = self.depth(stream)
            box = Box(
                stream,
                self.columns(stream),
                len(self.streams[stream].primary_keys or ()),
                MARGIN + across * (WIDTH + GAP_ACROSS),
                bottoms.get(across, MARGIN),
            )
            bottoms[across] = box.y + box.height + GAP_DOWN
            found[stream] = box
        return found

    @property
    def svg(self) -> str:
        """The picture."""
        wide = max(box.x for box in self.boxes.values()) + WIDTH + MARGIN
        high = max(box.y + box.height for box in self.boxes.values()) + MARGIN
        drawn = (
            *map(self._line, filter(self.is_drawn, self.lines)),
            *(_box(each) for each in self.boxes.values()),
        )
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">\n'
            f"<title>{escape(self.title)}</title>\n<style>{STYLE}</style>\n"
            f"{''.join(drawn)}</svg>\n"
        )

    def _line(self, line: tuple[Column, Column]) -> str:
        (source, column), (target, target_column) = line
        box, other = self.boxes[source], self.boxes[target]
        x, y = box.x, box.middle(column)
        end, height = other.x + WIDTH, other.middle(target_column)
        bend = GAP_ACROSS // 2
        return (
            f'<path d="M{x} {y}C{x - bend} {y} {end + bend} {height} {end} {height}"/>'
            f'<circle cx="{end}" cy="{height}" r="3.5"/>\n'
        )


def diagrams(streams: Mapping[str, XStream[Any]]) -> Sequence[Diagram]:
    """The diagrams: one of the streams of API v2, one of those that belong to ads accounts."""
    ads = {name: each for name, each in streams.items() if _is_of_ads(each)}
    others = {name: each for name, each in streams.items() if name not in ads}
    return (
        Diagram("api-v2", "Streams of API v2 and the Engagement API", others, V2_REFERENCES),
        Diagram("organic", "Streams of ads accounts", ads, ORGANIC_REFERENCES),
    )


def _is_of_ads(stream: XStream[Any]) -> bool:
    return any(endpoint.api.url_setting == "ads_url" for endpoint in stream.ENDPOINTS)


def _box(box: Box) -> str:
    return "".join(_parts(box))


def _parts(box: Box) -> Iterator[str]:
    yield f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="4"/>'
    yield f'<rect class="head" x="{box.x}" y="{box.y}" width="{WIDTH}" height="{LINE}" rx="4"/>'
    yield f'<text class="name" x="{box.x + 8}" y="{box.y + 15}">{box.stream}</text>\n'
    for at, column in enumerate(box.columns):
        kind = ' class="key"' if at < box.keys else ""
        yield f'<text{kind} x="{box.x + 8}" y="{box.middle(column) + 4}">{column}</text>\n'
