"""What was asked of the sandbox, without anything secret."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT: Final = 20_000


@dataclass(frozen=True)
class Entry:
    """One request and how it was answered.

    Attributes:
        at: The sandbox's time, ISO 8601.
        method: HTTP method.
        path: Path without query.
        params: Query parameters, without those of OAuth and its pages.
        credential: `app_only`, `oauth1`, `oauth2`, or `none` where nothing valid was shown.
        user_id: The user behind the credential.
        status: HTTP status of the answer.
        faults: Kinds of the faults that struck.
    """

    at: str
    method: str
    path: str
    params: dict[str, str]
    credential: str
    user_id: str | None
    status: int
    faults: tuple[str, ...] = ()


class RequestLog:
    """The newest requests, oldest first."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=_KEPT)

    def __iter__(self) -> Iterator[Entry]:
        return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Entry:
        return self._entries[index]

    def add(self, entry: Entry) -> None:
        """Note a request."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """All entries, as `GET /sandbox/requests` shows them."""
        return [asdict(entry) for entry in self]
