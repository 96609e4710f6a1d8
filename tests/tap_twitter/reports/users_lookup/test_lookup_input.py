from __future__ import annotations

import pytest

from tap_twitter.errors import InputDatasetError
from tap_twitter.reports.users_lookup.lookup_input import id_columns


@pytest.mark.parametrize(
    ("present", "configured", "chosen"),
    [
        (["id", "sender_id", "recipient_id", "text"], None, ("sender_id", "recipient_id")),
        (["name", "User_ID"], None, ("User_ID",)),
        (["id", "username"], None, ("id",)),
        (["name", "screen_name", "handle"], None, ("screen_name", "handle")),
        (["who"], None, ("who",)),
        (["id", "who"], ["who"], ("who",)),
        (["id"], [], ("id",)),
        (["id", "who"], ["who", "id", "who"], ("who", "id")),
        (["name", "user_id "], None, ("user_id ",)),
        (["name", "User ID", "Twitter"], None, ("User ID",)),
        (["name", "Twitter"], None, ("Twitter",)),
        (["ID", "Twitter Handle"], None, ("ID",)),
        (["name", "@handle", "Twitter"], None, ("@handle", "Twitter")),
    ],
    ids=[
        "all-id-columns",
        "any-case",
        "id-before-username",
        "handles",
        "only-column",
        "setting",
        "empty-setting",
        "named-twice",
        "blank-in-name",
        "ids-before-addresses",
        "addresses",
        "id-before-handles",
        "handles-and-addresses",
    ],
)
def test_id_columns(
    present: list[str], configured: list[str] | None, chosen: tuple[str, ...]
) -> None:
    assert id_columns(present, configured, "people") == chosen


@pytest.mark.parametrize(
    ("present", "configured", "message"),
    [
        (
            ["name", "city"],
            None,
            "Dataset 'people' has no column known to hold ids or handles. Name one in "
            "'users_lookup.id_columns'; its columns are: 'name', 'city'.",
        ),
        (
            ["name", "city"],
            ["user_id"],
            "Setting 'users_lookup.id_columns' names 'user_id', but dataset 'people' has only the "
            "columns: 'name', 'city'.",
        ),
    ],
    ids=["none-recognised", "named-but-missing"],
)
def test_a_dataset_without_id_columns_is_told_its_columns(
    present: list[str], configured: list[str] | None, message: str
) -> None:
    with pytest.raises(InputDatasetError) as raised:
        id_columns(present, configured, "people")
    assert str(raised.value) == message
