"""The tables of columns in the pages of the docs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tap_twitter.reports.organic import columns as organic
from tap_twitter.reports.organic import creative_columns as creatives
from tap_twitter.reports.organic import report_columns as report
from tap_twitter.reports.organic.tweet_analytics import ANALYTICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_twitter.objects.fields import Column

HEAD: Final = "| Column | Holds |\n|---|---|\n"

PAGES: Final[Mapping[str, Sequence[Sequence[Column]]]] = {
    "organic": [
        organic.ACCOUNT,
        organic.TWEET,
        organic.HASHTAG,
        organic.SYMBOL,
        organic.URL,
        organic.MENTION,
        organic.USER,
        creatives.CARD,
        creatives.COMPONENT,
        creatives.SCHEDULED,
        creatives.MEDIA,
        report.REPORT,
        ANALYTICS,
    ],
}
"""By page, the columns of each of its tables, in their order."""


def with_columns(text: str, tables: Sequence[Sequence[Column]]) -> str:
    """A page whose tables of columns are as the streams describe them.

    Raises:
        ValueError: It has more of these tables, or fewer.
    """
    before, *others = re.split(rf"{re.escape(HEAD)}(?:\|.*\n)*", text)
    return before + "".join(
        HEAD + "".join(map(_row, columns)) + after
        for columns, after in zip(tables, others, strict=True)
    )


def _row(column: Column) -> str:
    described = column.description.replace("|", "\\|")
    return f"| `{column.name}` | {described} |\n"
