"""What each file has to lead to: that is what the tests of target-postgres 0.8.1 want of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Expected:
    """What a file has to lead to.

    Attributes:
        rows: The datasets of the run, each with the number of its rows.
        refused: Words of the message with which the run ends; none if it succeeds.
        holds: By dataset, parts of rows that are among the rows.
        deleted: How many rows bear a time of deletion.
        settings: Settings of the target, beside its defaults.
        after: Files that are loaded before it, into the same store.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    refused: str = ""
    holds: Mapping[str, Rows] = field(default_factory=dict)
    deleted: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    after: tuple[str, ...] = ()


_MARKED: Final = {"add_record_metadata": True}
_DELETED: Final = {"add_record_metadata": True, "hard_delete": True}

EXPECTED: Final[Mapping[str, Expected]] = {
    "array_data": Expected({"test_carts": 4}),
    "base16_content_encoding_interpreted": Expected(
        {"test_base_16_encoding_interpreted": 7},
        holds={"test_base_16_encoding_interpreted": [{"id": "empty_0x_str", "contract_address": "0x"}]},
    ),
    "base16_content_encoding_not_interpreted": Expected(
        {"test_base_16_encoding_not_interpreted": 7},
        holds={
            "test_base_16_encoding_not_interpreted": [
                {"id": "test_handle_odd_and_even_number_of_chars", "raw_event_data": "A12"}
            ]
        },
    ),
    "camelcase": Expected({"TestCamelcase": 2}),
    "camelcase_complex_schema": Expected({"ForecastingTypeToCategory": 0}),
    "commits": Expected({"commits": 30}),
    "duplicate_records": Expected(
        {"test_duplicate_records": 2}, holds={"test_duplicate_records": [{"id": 1, "metric": 100}]}
    ),
    "encoded_strings": Expected(
        {"test_strings": 11, "test_strings_in_arrays": 6, "test_strings_in_objects": 11}
    ),
    "invalid_schema": Expected(refused="SCHEMA message is not valid"),
    "jsonb_data": Expected(
        {"test_jsonb_data": 2}, holds={"test_jsonb_data": [{"id": 1, "event_data": None}]}
    ),
    "large_int": Expected(
        {"test_large_int": 2}, holds={"test_large_int": [{"id": 99_999_999_999_999_999}]}
    ),
    "large_numeric_primary_key": Expected(
        {"test_large_numeric_primary_key": 1},
        holds={"test_large_numeric_primary_key": [{"id": 34_639_314_995}]},
    ),
    "missing_value": Expected(
        {"test_missing_value": 5}, holds={"test_missing_value": [{"id": 5, "name": None}]}
    ),
    "multiple_schema_messages": Expected({"test_multiple_schema_messages": 6}),
    "multiple_state_messages": Expected(
        {"test_multiple_state_messages_a": 6, "test_multiple_state_messages_b": 6},
        holds={
            "test_multiple_state_messages_a": [{"id": 1, "metric": 100}],
            "test_multiple_state_messages_b": [{"id": 1, "metric": 110}],
        },
    ),
    "new_array_column": Expected(
        {"test_new_array_column": 1}, holds={"test_new_array_column": [{"id": 1, "arr": None}]}
    ),
    "optional_attributes": Expected(
        {"test_optional_attributes": 4},
        holds={"test_optional_attributes": [{"id": 1, "optional": "This is optional"}]},
    ),
    "record_before_schema": Expected(refused="has no SCHEMA yet"),
    "record_missing_key_property": Expected(
        {"test_record_missing_key_property": 0}, refused="lacks the key property 'id'"
    ),
    "record_missing_required_property": Expected(
        {"test_record_missing_required_property": 0}, refused='"id" is a required property'
    ),
    "reserved_keywords": Expected({"reserved_keywords": 1}),
    "schema_no_properties": Expected(
        {"test_object_schema_no_properties": 2, "test_object_schema_with_properties": 2}
    ),
    "schema_updates": Expected(
        {"test_schema_updates": 6},
        holds={
            "test_schema_updates": [
                {"id": 1, "a1": 101, "a2": "string1", "a3": None, "a4": None, "a5": None, "a6": None}
            ]
        },
    ),
    "special_chars_in_attributes": Expected({"test:SpecialChars!in?attributes": 1}),
    "tap_aapl": Expected({"aapl": 1}),
    "tap_countries": Expected({"continents": 7, "countries": 250}),
    "test_activate_version_deletes_data_properly": Expected(
        {"test_activate_version_deletes_data_properly": 7}, settings=_DELETED
    ),
    "test_activate_version_deletes_data_properly_2": Expected(
        {"test_activate_version_deletes_data_properly": 0},
        settings=_DELETED,
        after=("test_activate_version_deletes_data_properly",),
    ),
    "test_activate_version_hard": Expected({"test_activate_version_hard": 7}, settings=_DELETED),
    "test_activate_version_soft": Expected({"test_activate_version_soft": 7}, settings=_MARKED),
    "test_activate_version_soft_with_delete": Expected(
        {"test_activate_version_soft": 7},
        deleted=1,
        settings=_MARKED,
        after=("test_activate_version_soft",),
    ),
    "test_activate_version_uppercase_stream_name": Expected({"Account": 7}, settings=_DELETED),
    "test_no_pk": Expected({"test_no_pk": 3}),
    "test_no_pk_append": Expected({"test_no_pk": 8}, after=("test_no_pk",)),
    "test_no_type": Expected({"test_no_type": 15}),
    "uppercase_stream_name_with_column_alter": Expected(
        {"Uppercase_stream_name_with_column_alter": 2},
        holds={
            "Uppercase_stream_name_with_column_alter": [
                {"Id": "1", "clientNumber": "1"},
                {"Id": "2", "clientNumber": "2"},
            ]
        },
    ),
    "user_location_data": Expected(
        {"test_users": 5, "test_locations": 3, "test_user_in_location": 3}
    ),
    "user_location_upsert_data": Expected(
        {"test_users": 8, "test_locations": 5, "test_user_in_location": 5},
        holds={
            "test_users": [{"id": 4, "name": "Josh"}, {"id": 13, "name": "Mary"}],
            "test_user_in_location": [{"id": 2, "location_id": 3}],
        },
        after=("user_location_data",),
    ),
}  # fmt: skip

VARIANTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "defaults": {},
    "text": {"type_conflicts": "text"},
}
"""The settings with which all files are loaded."""

DIFFERENT: Final = {("uppercase_stream_name_with_column_alter", "defaults")}
"""What is refused on purpose: a column of text whose stream then says integer is a contradiction,
unless `type_conflicts` lets it be text.
"""
