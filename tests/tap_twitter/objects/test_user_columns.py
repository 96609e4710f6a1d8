"""The columns of a user: the quick way and the patient one give the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from tap_twitter.objects.fields import PUBLIC
from tap_twitter.objects.user_columns import User, columns_one_by_one, user_columns
from tap_twitter.objects.user_fields import USER_FIELDS

if TYPE_CHECKING:
    from sandbox import Sandbox

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["user_id", "urls", "a"]), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = {field.name: field for field in USER_FIELDS if field.part_of is None}
METRICS = [field.name for field in USER_FIELDS if field.part_of == PUBLIC]
as_documented = {name: st.from_type(field.type.kind) for name, field in FIELDS.items()} | {
    "entities": st.dictionaries(st.text(max_size=5), anything, min_size=1),
    "affiliation": st.dictionaries(st.sampled_from(["url", "user_id"]), anything),
    "subscription": st.just({"subscribes_to_you": True}),
    "withheld": st.just({"country_codes": ["XY"]}),
}
metrics = st.dictionaries(st.sampled_from([*METRICS, "new_count"]), anything | st.integers(0))
users = st.fixed_dictionaries(
    {},
    optional={
        **{name: as_documented[name] | anything for name in FIELDS},
        "public_metrics": metrics | anything,
        "brand_new": anything,
    },
)


@given(users)
@example({"id": "1", "verified_followers_count": 10**18})
@example({"id": "1", "verified_followers_count": 10**18 - 1})
@example({"id": 1, "protected": 1, "verified_followers_count": 2.0})
@example({"id": "1", "public_metrics": {}, "entities": {}, "connection_status": []})
def test_both_ways_to_read_a_user_give_the_same_bytes(user: dict[str, Any]) -> None:
    quick, patient = user_columns(user), columns_one_by_one(user)
    assert msgspec.json.encode(quick) == msgspec.json.encode(patient)


def test_users_as_x_gives_them_are_read_the_quick_way(sandbox: Sandbox) -> None:
    given = [sandbox.world.user(each) for each in sandbox.world.sample_ids(300, "found")]
    plain = [user for user in given if "affiliation" not in user]
    assert len(plain) > len(given) * 0.9
    for user in plain:
        msgspec.convert(user, User)
