from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from singer_plugin.similar import did_you_mean, is_slip, nearest

KNOWN = ["direct_messages", "direct_messages_sent", "users_lookup"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("direct_mesages", "direct_messages"),
        ("Direct Messages", "direct_messages"),
        ("userlookup", "users_lookup"),
        ("direct_messages_snet", "direct_messages_sent"),
        ("orders", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_found(name: str, found: str | None) -> None:
    assert nearest(name, KNOWN) == found
    assert did_you_mean(name, KNOWN) == (f" Did you mean '{found}'?" if found else "")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("txt", True), ("texts", True), ("tetx", True), ("tezt", True), ("Text", True),
        ("te_xt", True), ("ext", True), ("text", False), ("tx", False), ("textual", False),
        ("note", False), ("ttex", False), ("", False),
    ],
)  # fmt: skip
def test_a_slip_is_one_letter_or_the_case(name: str, is_one: bool) -> None:
    assert is_slip(name, "text") is is_one


@given(st.text("abcd", min_size=1, max_size=8), st.data())
def test_a_name_with_a_letter_changed_is_a_slip_either_way(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name)))
    changed = data.draw(st.sampled_from([name[:at] + "x" + name[at:], name[:at] + name[at + 1 :]]))
    assert is_slip(name, changed) is is_slip(changed, name) is (name != changed)
