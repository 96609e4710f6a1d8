from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import dataset_store
from dataset_store import DatasetSpec, StoreError, dataset_id, open_store, writeback_id
from dataset_store.identity import guid, guid_in

if TYPE_CHECKING:
    from pathlib import Path

GUID = "4405ff58-1957-45f0-82bd-914d989a3ea3"


@pytest.mark.parametrize(
    "address",
    [
        "{folder}/my data",
        "file://{folder}/my data",
        "file://{folder}/my%20data",
        "FILE://localhost{folder}/my data",
    ],
)
def test_an_address_leads_to_a_local_folder(address: str, tmp_path: Path) -> None:
    store = open_store(address.format(folder=tmp_path), {})
    store.create(DatasetSpec("posts", pa.schema([("id", pa.string())])))

    assert (tmp_path / "my data" / dataset_id("posts")).is_dir()


def test_a_relative_address_starts_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    open_store("./datasets").create(DatasetSpec("posts", pa.schema([("id", pa.string())])))

    assert (tmp_path / "datasets").is_dir()


KEYS = {"access_key_id": "k", "secret_access_key": "hush"}


@pytest.mark.parametrize(
    ("address", "options", "match"),
    [
        ("ftp://host/folder", None, r"^store: 'ftp://host/folder' is not a supported store; give"),
        ("gs://bucket/folder", None, r"^store: .*Google Cloud Storage was not tried.*./datasets"),
        ("az://bucket/folder", None, r"^store: .*Azure Blob Storage was not tried.*s3://"),
        ("s3://hush:hush@bucket", None, r"^store: .*s3://bucket/folder"),
        ("s3://", None, r"^store: .*s3://bucket/folder"),
        ("s3://bucket/a%20b", None, r"^store: .*misreads"),
        ("s3://bucket", {"key": "k", "secret": "hush"}, r"^store_options: .*`key`.*access_key_id"),
        ("s3://bucket", {"access_key_id": "k"}, r"^store_options: .*half of a key pair"),
        ("s3://bucket", {"profile": "p"}, r"^store_options.profile: .*'p'"),
        ("s3://bucket", {**KEYS, "endpoint": "host"}, r"^store_options.endpoint: .*http://"),
        ("domo://api.domo.com", None, r"^store_options: .*client_id"),
        ("file://server/share", None, r"^store: .*three slashes"),
        ("", None, r"^store: it is empty"),
        ("  ", None, r"^store: it is empty"),
        ("~nobody-at-all/datasets", None, r"^store: .*home folder that does not exist"),
        ("./datasets", {"client_secret": "hush"}, r"^store_options: .*`client_secret`.*retain_h"),
        ("./datasets", {"retain_hours": 0}, r"^store_options: .*>= 1.*retain_hours"),
        ("./datasets", {"retain_hours": "hush"}, r"^store_options: .*`int`.*retain_hours"),
        ("./datasets", {"compact_after_commits": -1}, r"^store_options: .*>= 0.*compact_after"),
        ("./datasets", {"checkpoint_after_commits": 1.5}, r"^store_options: .*`int`.*checkpoint"),
    ],
    ids=[
        *(
            "ftp",
            "gs",
            "az",
            "s3 user",
            "no bucket",
            "s3 percent",
            "fsspec",
            "half a pair",
            "no profile",
        ),
        *(
            "endpoint",
            "domo",
            "other machine",
            "empty",
            "blank",
            "home",
            "unknown",
            "small",
            "text",
        ),
        *("negative", "fraction"),
    ],
)
def test_an_address_without_a_store_is_refused(
    address: str, options: dict[str, Any] | None, match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "no-such-file")
    with pytest.raises(StoreError, match=match) as caught:
        open_store(address, options)
    assert "hush" not in str(caught.value)


def test_derived_guids_never_change() -> None:
    assert dataset_id("posts") == "9fc57587-155f-51e5-947e-5f882e1e5b67"
    assert writeback_id("users_lookup", GUID) == writeback_id("users_lookup", GUID.upper())
    assert writeback_id("users_lookup", GUID) == "dfcc2d33-ac55-5d38-8cda-11f11e67c77a"
    assert (
        len({dataset_id("a"), dataset_id("A"), writeback_id("a", "a"), writeback_id("b", "a")}) == 4
    )


@pytest.mark.parametrize(
    ("text", "whole", "inside"),
    [
        (GUID, GUID, GUID),
        (GUID.upper(), GUID, GUID),
        (f"https://acme.domo.com/datasources/{GUID}/details/data/table", None, GUID),
        (f"{GUID}\n", None, GUID),
        (GUID.replace("-", ""), None, None),
        ("posts", None, None),
        ("", None, None),
    ],
)
def test_a_guid_is_recognised(text: str, whole: str | None, inside: str | None) -> None:
    assert guid(text) == whole
    assert guid_in(text) == inside


def test_the_package_exports_what_others_build_on() -> None:
    assert sorted(dataset_store.__all__) == [
        "Below",
        "Capabilities",
        "Commit",
        "Dataset",
        "DatasetError",
        "DatasetExistsError",
        "DatasetInfo",
        "DatasetNotFoundError",
        "DatasetSpec",
        "DatasetStore",
        "RowSource",
        "SchemaConflictError",
        "StoreError",
        "Version",
        "dataset_id",
        "open_store",
        "writeback_dataset",
        "writeback_id",
        "writeback_title",
    ]
    assert all(hasattr(dataset_store, name) for name in dataset_store.__all__)


def test_object_storage_without_the_extra_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    monkeypatch.delitem(sys.modules, "dataset_store.delta.object_store", raising=False)
    with pytest.raises(StoreError, match=r"^store: .*opendataset-target-dataset\[s3\]"):
        open_store("s3://bucket/folder", KEYS)
