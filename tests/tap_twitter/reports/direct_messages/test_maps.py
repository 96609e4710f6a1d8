"""Stream maps that fail on a message: the other stream of the read has no part in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.harness import auth_of
from support.inboxes import BOTH, ME, RECEIVED, SENT, Reader, asked, truth

from sandbox.credentials import CITY, FOUNDER
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox import Sandbox

OTHER = {RECEIVED: SENT, SENT: RECEIVED}


def of_stream(sandbox: Sandbox, stream: str, user_id: str = ME) -> list[int]:
    """The ids of a stream's events as the world knows them, newest first."""

    def is_its(event: Mapping[str, Any]) -> bool:
        return (event.get("sender_id") == user_id) is (stream == SENT)

    return sorted(truth(sandbox, user_id, is_its), reverse=True)


def failing_at(stream: str, event_id: int) -> dict[str, Any]:
    return {"stream_maps": {stream: {"text": f"1/0 if id == '{event_id}' else text"}}}


def cursor(reader: Reader, stream: str) -> dict[str, Any]:
    assert reader.state is not None
    (partition,) = reader.state["bookmarks"][stream]["partitions"]
    found: dict[str, Any] = partition.get("cursor", {})
    return found


@pytest.mark.parametrize("place", [0, 60], ids=["first-page", "later-page"])
@pytest.mark.parametrize("stream", [RECEIVED, SENT])
def test_a_map_that_fails_ends_its_stream_alone_and_leaves_no_gap(
    sandbox: Sandbox, reader: Reader, stream: str, place: int
) -> None:
    wanted = of_stream(sandbox, stream)
    with pytest.raises(RunError) as raised:
        reader.run(**failing_at(stream, wanted[place]))
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"Stream '{stream}' failed: The setting 'stream_maps'")
    other = OTHER[stream]
    assert reader.ids(other) == set(of_stream(sandbox, other))
    assert cursor(reader, other)["floor"] == str(max(truth(sandbox, ME)))
    assert wanted[place] not in reader.ids(stream)
    assert "floor" not in cursor(reader, stream)
    given = len(reader.rows[other])
    reader.run()
    assert reader.ids(stream) == set(wanted)
    assert len(reader.rows[other]) == given
    assert reader.all_ids == truth(sandbox, ME)


@pytest.mark.parametrize("stream", [RECEIVED, SENT])
def test_a_map_that_fails_in_one_account_keeps_the_other_stream_from_none(
    sandbox: Sandbox, reader: Reader, stream: str
) -> None:
    accounts = [{"id": each.user_id, "auth": auth_of(each)} for each in (FOUNDER, CITY)]
    maps = failing_at(stream, of_stream(sandbox, stream)[0])
    with pytest.raises(RunError, match=f"Stream '{stream}' failed"):
        reader.run(accounts=accounts, **maps)
    other = OTHER[stream]
    for account_id in (ME, CITY.user_id):
        got = {int(event_id) for owner, event_id in reader.rows[other] if owner == account_id}
        assert got == set(of_stream(sandbox, other, account_id))
    reader.run(accounts=accounts)
    assert reader.all_ids == truth(sandbox, ME) | truth(sandbox, CITY.user_id)


def test_a_page_is_bought_again_at_most(sandbox: Sandbox, reader: Reader) -> None:
    pages = -(-len(truth(sandbox, ME)) // 100)
    with pytest.raises(RunError):
        reader.run(BOTH, **failing_at(RECEIVED, of_stream(sandbox, RECEIVED)[60]))
    assert len(asked(sandbox)) == pages + 1
