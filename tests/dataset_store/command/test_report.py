"""`dataset report`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.dataset_command import dataset, failed, succeeded
from support.file_modes import mode
from support.report_store import HOSTILE, SECRET, filled


@pytest.fixture
def store() -> None:
    filled(Path("datasets"))


def test_a_report_is_one_private_page(store: None) -> None:
    assert succeeded("report", "x.html") == "Wrote 11 figures of 9 datasets to x.html\n"
    page = Path("x.html").read_text(encoding="utf-8")

    assert mode(Path("x.html")) == 0o600
    assert page.startswith("<!DOCTYPE html>")
    assert "<title>X report</title>" in page
    assert re.findall(r'(?:src|href)="(?!#|https://x\.com/i/status/\d+")', page) == []
    assert "Our 5 tea is back" in page or "tea is back: order by Friday" in page


def test_texts_of_messages_are_not_in_it(store: None) -> None:
    succeeded("report")
    page = Path("report.html").read_text(encoding="utf-8")
    assert "Messages by day" in page
    assert SECRET not in page


def test_the_title_is_a_text(store: None) -> None:
    succeeded("report", "--title", HOSTILE)
    page = Path("report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2


def test_a_store_of_other_datasets_says_what_would_help(here: Path) -> None:
    succeeded("import", "ids.csv", "--name", "ids")
    assert succeeded("report") == "Wrote 0 figures of 1 datasets to report.html\n"
    assert "There is no figure" in Path("report.html").read_text(encoding="utf-8")


def test_a_damaged_dataset_leaves_a_sentence_and_a_warning(store: None) -> None:
    dataset_id = json.loads(succeeded("show", "tweet_insights", "--json"))["id"]
    for part in Path("datasets", dataset_id).glob("*.parquet"):
        part.unlink()
    result = dataset("report")

    assert result.exit_code == 0
    warning = "Warning: Best posts is not drawn of dataset 'tweet_insights': SQL: one of its"
    assert warning in result.stderr
    page = Path("report.html").read_text(encoding="utf-8")
    assert page.count("The dataset could not be read") == 3
    assert "Followers by day" in page


@pytest.mark.parametrize("file", ["report.pdf", "report", "-"])
def test_only_pages_are_written(file: str, store: None) -> None:
    assert "give a name that ends with .html" in failed("report", "--", file)


def test_a_missing_store_is_told() -> None:
    assert "does not exist" in failed("report", "--store", "nowhere")
    assert not Path("report.html").exists()
