"""The store and its options, from a variable or a file of settings: errors name it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.dataset_command import IDS, failed, succeeded

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("", "DATASET_STORE_OPTIONS: Object missing required field `client_id`; this store accepts client_id"),
        ('{"client_id": 1}', "DATASET_STORE_OPTIONS: Expected `str`, got `int`"),
        ("{", "DATASET_STORE_OPTIONS: it is not a JSON object"),
        ("[" * 200_000, "DATASET_STORE_OPTIONS: it is not a JSON object"),
    ],
    ids=["missing", "a number", "no JSON", "nested"],
)  # fmt: skip
def test_errors_name_the_variable(options: str, error: str) -> None:
    environment = {"DATASET_STORE_OPTIONS": options}
    assert failed("list", "--store=domo://127.0.0.1:9", env=environment).startswith(
        f"Error: {error}"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a dataset in `elsewhere`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATASET_STORE", "nowhere")
    (tmp_path / "ids.csv").write_text(IDS)
    succeeded("import", "ids.csv", "--name=people", "--store=elsewhere")
    return tmp_path


@pytest.mark.parametrize("options", [{"private": False}, '{"private": false}', "", None], ids=repr)
@pytest.mark.parametrize("as_input", [False, True], ids=["file", "standard input"])
def test_a_file_of_settings_names_the_store(folder: Path, as_input: bool, options: Any) -> None:
    settings = json.dumps({"store": "elsewhere", "store_options": options, "workers": 0})
    (folder / "target.json").write_text(settings)
    shown = succeeded("list", "--config", "-" if as_input else "target.json", input=settings)
    assert "people" in shown


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "--config: file target.json: No such file or directory; name a file with the settings of target-dataset"),
        ("", "--config: file target.json is empty; name a file"),
        ('{"store": 1}', "--config: 'store' is not text; name a file"),
        ('{"store_options": "[]"}', "--config: 'store_options' is not a JSON object; write it as"),
        ('{"store_options": {"password": "s3cr3t"}}', "store_options: Object contains unknown field `password`"),
    ],
    ids=["missing", "empty", "store", "options", "unknown option"],
)  # fmt: skip
def test_files_of_settings_that_do_not_serve(folder: Path, text: str | None, error: str) -> None:
    if text is not None:
        (folder / "target.json").write_text(text)
    shown = failed("list", "--config=target.json")
    assert shown.startswith(f"Error: {error}")
    assert "s3cr3t" not in shown


@pytest.mark.usefixtures("folder")
def test_only_one_of_store_and_settings() -> None:
    shown = failed("list", "--config=target.json", "--store=elsewhere", code=2)
    assert "give --store or --config, not both" in shown


def test_settings_and_rows_cannot_both_be_standard_input(folder: Path) -> None:
    settings = json.dumps({"store": "elsewhere"})
    shown = failed("import", "-", "--name=x", "--config=-", code=2, input=settings)
    assert "standard input has either the settings or the rows; give one of them as a file" in shown
    (folder / "target.json").write_text(settings)
    assert succeeded("import", "-", "--name=x", "--config=target.json", input=IDS)
    assert succeeded("import", "ids.csv", "--name=y", "--config=-", input=settings)
