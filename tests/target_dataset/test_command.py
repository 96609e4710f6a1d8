"""The command as users run it: its settings, and what it tells of itself."""

from __future__ import annotations

import json
import subprocess
import sys
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from support.singer_messages import lines, state
from target_command import GOOD, POSTS, SECRET, Command, Run, process

from dataset_store import open_store

ABOUT = Path(__file__).parent / "about.json"


@pytest.mark.parametrize(
    ("config", "error"),
    [
        ({"load_method": SECRET},
         "Setting 'load_method' must be one of: append-only, upsert, overwrite."),
        ({"nested": SECRET}, "Setting 'nested' must be one of: json, struct."),
        ({"batch_memory_mb": 0}, "Setting 'batch_memory_mb' must be more than 0."),
        ({"batch_size_rows": 0}, "Setting 'batch_size_rows' must be at least 1."),
        ({"idle_flush_seconds": "soon"}, "Setting 'idle_flush_seconds' must be of type number."),
        ({"idle_flush_seconds": 1e10}, "Setting 'idle_flush_seconds' must be at most 86400."),
        ({"store": ""}, "Setting 'store' must not be empty."),
        ({"store": 7}, "Setting 'store' must be of type string."),
        ({"datasets": {"posts": {"nam": "x"}}},
         "Setting 'datasets.posts' accepts only: id, name, description; it does not accept 'nam' "
         "(did you mean 'name'?)."),
        ({"store": "ftp://x"},
         "store: 'ftp://x' is not a supported store; give a path such as ./datasets, "
         "s3://bucket/datasets, or domo://api.domo.com"),
        ({"store": "config.json"},
         "store: config.json is not a folder; fix the path"),
        ({"stream_maps": {"posts": {"__else__": "x"}}},
         "Setting 'stream_maps.posts' is not valid: see --about."),
        ({"stream_maps": {"__else__": "x"}},
         "Setting 'stream_maps.__else__' is not valid: Currently, only setting this to `__NULL__` "
         "is supported. This will remove all other streams."),
        ({"faker_config": {"locale": "xx_YY"}},
         "Setting 'faker_config.locale' is 'xx_YY', but Faker has no such locale; use one such as "
         "en_US or de_DE."),
        ({"flattening_enabled": True},
         "flattening_max_depth is required when flattening is enabled"),
        ({"datasets": {"posts": {"id": "nope"}}, "store": "."},
         "No dataset 'nope' in .; list all with `dataset list`"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)  # fmt: skip
def test_bad_settings_are_one_line(config: dict[str, Any], error: str, command: Command) -> None:
    run = command(POSTS, GOOD, **config)
    assert run == Run(1, "", [error])
    assert SECRET not in "".join(run.errors)


def test_a_store_option_that_is_not_known_is_one_line(command: Command) -> None:
    run = command(POSTS, GOOD, store_options={"password": SECRET})
    assert (run.code, run.out, len(run.errors)) == (1, "", 1)
    assert run.errors[0].startswith("store_options: ")
    assert "password" in run.errors[0]
    assert SECRET not in run.errors[0]


FIX = "write the settings as one JSON object; --about lists them"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "Error: --config: file config.json: No such file or directory; " + FIX),
        (
            "{not json",
            "Error: --config: file config.json is not JSON, from line 1, column 2; " + FIX,
        ),
    ],
    ids=["missing", "not-json"],
)
def test_bad_config_files_are_one_line(text: str | None, error: str, tmp_path: Path) -> None:
    if text is not None:
        (tmp_path / "config.json").write_text(text)
    assert process("--config", "config.json", cwd=tmp_path) == Run(1, "", [error])


def test_settings_are_not_read_from_the_messages(tmp_path: Path) -> None:
    error = "Error: --config: standard input has the messages of the tap; name a file"
    run = process("--config", "-", messages=[{"store": str(tmp_path / "kept")}], cwd=tmp_path)
    assert run.code == 2
    assert run.errors[-1].endswith(error)


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    run = process(
        "--config",
        "ENV",
        messages=[POSTS, GOOD],
        cwd=tmp_path,
        TARGET_DATASET_STORE="kept",
        TARGET_DATASET_DATASETS='{"posts": {"name": "mine"}}',
        TARGET_DATASET_BATCH_SIZE_ROWS="5",
    )
    assert run == Run(0, "", [])
    assert [info.name for info in open_store(str(tmp_path / "kept")).list()] == ["mine"]


def test_empty_and_misspelled_variables(tmp_path: Path) -> None:
    run = process(
        "--config",
        "ENV",
        messages=[POSTS, GOOD],
        cwd=tmp_path,
        TARGET_DATASET_BATCH_SIZE_ROWS="",
        TARGET_DATASET_SCHEMA="",
        TARGET_DATASET_LOADMETHOD="upsert",
    )
    warning = (
        "Environment variable TARGET_DATASET_LOADMETHOD is not known and has no effect. Did you "
        "mean 'TARGET_DATASET_LOAD_METHOD'?"
    )
    assert run == Run(0, "", [warning])


def test_input_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(lines([POSTS, GOOD, state({"n": 1})]).rstrip("\n"))
    assert process("--input", "in.jsonl", cwd=tmp_path) == Run(0, '{"n": 1}\n', [])
    assert [info.rows for info in open_store(str(tmp_path / "datasets")).list()] == [1]


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["--about", "--format", "markdown"]], ids=" ".join
)
def test_what_needs_no_settings(arguments: list[str], tmp_path: Path) -> None:
    run = process(*arguments, cwd=tmp_path)
    assert (run.code, run.errors) == (0, [])
    assert "target" in run.out


def test_about_is_as_it_was(tmp_path: Path) -> None:
    """A change of the settings shows in `about.json`; write it anew with `--about --format json`."""
    about = json.loads(process("--about", "--format", "json", cwd=tmp_path).out)
    for volatile in ("version", "sdk_version", "supported_python_versions"):
        del about[volatile]
    about["description"] = cleandoc(about["description"])  # CPython 3.13 does so by itself
    assert about == json.loads(ABOUT.read_text())


def test_every_setting_is_explained() -> None:
    settings = json.loads(ABOUT.read_text())["settings"]["properties"]
    for name, setting in settings.items():
        assert setting.get("title"), name
        assert setting.get("description"), name


def test_the_readme_tells_every_capability() -> None:
    readme = (Path(__file__).parents[2] / "target-dataset" / "README.md").read_text()
    for capability in json.loads(ABOUT.read_text())["capabilities"]:
        assert f"| `{capability}` |" in readme


def test_what_only_a_run_needs_is_loaded_for_a_run_alone() -> None:
    code = (
        "import sys; from target_dataset.command import Command\n"
        "try: Command.cli(['--about'])\n"
        "except SystemExit: print(*sorted({'pyarrow', 'deltalake', 'jsonschema_rs'} & sys.modules.keys()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == ""
