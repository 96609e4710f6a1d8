"""What the documentation names is there: pages, headings, commands, options, settings, modules."""

from __future__ import annotations

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml
from about.project import project
from about.readme_pages import slug
from bench.__main__ import main as bench
from contract.__main__ import main as contract

from dataset_store.cli import main as dataset
from sandbox.__main__ import main as sandbox
from tap_twitter.accounts_command.cli import main as tap_twitter_accounts
from tap_twitter.setup_command.cli import main as tap_twitter_init
from tap_twitter.tap import TapTwitter
from target_dataset.target import TargetDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
GLOBS = ("*.md", "docs/**/*.md", "ta*-*/*.md", "tests/sandbox/*.md", "examples/**/*.md")
PAGES = sorted(str(path.relative_to(ROOT)) for glob in GLOBS for path in ROOT.glob(glob))
HOMES: Final = ("", "tap-twitter", "tap-twitter/tap_twitter", "target-dataset", "tests")
"""Where the modules live that pages name by the ends of their paths."""

PROGRAMS: Final[dict[str, Any]] = {
    "tap-twitter": TapTwitter.get_singer_command(),
    "target-dataset": TargetDataset.get_singer_command(),
    "dataset": dataset,
    "tap-twitter-accounts": tap_twitter_accounts,
    "tap-twitter-init": tap_twitter_init,
    "python -m bench": bench,
    "python -m contract": contract,
    "python -m sandbox": sandbox,
}
ELSEWHERE: Final = {
    "cat",
    "cd",
    "cp",
    "dagster",
    "echo",
    "eval",
    "export",
    "git",
    "dbt",
    "pip",
    "sail",
    "tail",
    "uv",
}
"""Programs that are not the project's."""

MELTANO_COMMANDS: Final = {"add", "config", "init", "install", "schedule", "select", "state"}
GROUPS: Final = "auth|users_lookup|direct_messages|engagement|insights|shard|budget|api"
HOSTS: Final = {"api.x.com", "api.domo.com", "api.twitter.com"}
"""What looks like a setting of the group `api`, and is none."""

PLACEHOLDER = "…"


def text_of(page: str) -> str:
    return (ROOT / page).read_text()


def blocks(page: str, *languages: str) -> list[str]:
    """The fenced blocks of a page in these languages."""
    return re.findall(
        rf"^```(?:{'|'.join(languages)})\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE
    )


def spans(page: str) -> list[str]:
    """What stands in backticks in the running text of a page and in its tables."""
    prose = re.sub(r"^```.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    return [span.replace("\\|", "|") for span in re.findall(r"`([^`\n]+)`", prose)]


def shell_lines(page: str) -> Iterator[str]:
    """The commands of a page: those of its blocks, and those in backticks."""
    for block in blocks(page, "bash", "sh"):
        yield from re.sub(
            r"<<'(\w+)'(.*?)\n.*?^\1$", r"\2", block, flags=re.DOTALL | re.MULTILINE
        ).splitlines()
    for block in blocks(page, "console"):
        yield from re.findall(r"^\$ (.*)$", block, re.MULTILINE)
    for span in spans(page):
        if " " in span and span.split()[0] in {"make", "meltano", "python", *PROGRAMS}:
            yield span


def commands(line: str) -> Iterator[list[str]]:
    """The commands of a shell line as words, without assignments and redirections."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    command: list[str] = []
    is_target = False
    for token in lexer:
        if set(token) <= set("|&;()"):
            yield command
            command = []
        elif set(token) <= set("<>"):
            is_target = True
        elif is_target:
            is_target = False
        elif command or not re.match(r"\w+=", token):
            command.append(token)
    yield command


@cache
def runnable() -> set[str]:
    """What `meltano run` and `meltano invoke` take in this project."""
    found = project(ROOT)
    plugins = [plugin for group in found["plugins"].values() for plugin in group]
    inherited = {plugin["name"]: plugin.get("commands", ()) for plugin in plugins}
    names = {job["name"] for job in found["jobs"]} | set(inherited)
    return names | {f"{name}:{command}" for name, has in inherited.items() for command in has}


def unknown(command: list[str]) -> str | None:
    """The first word of a command that is not known, if any."""
    program = Path(command[0]).name
    if program == "python" and command[1] == "-m":
        program, command = " ".join(("python", *command[1:3])), command[2:]
    if program == "python3" and command[1] != "-m":
        return unknown_to_script(*command[1:3])
    if program == "python3" and command[2] == "venv":
        return None
    check = {"make": unknown_target, "meltano": unknown_to_meltano}.get(program)
    if program in PROGRAMS:
        return unknown_option(PROGRAMS[program], command[1:])
    if check:
        return check(command[1:])
    return None if program in ELSEWHERE else program


def unknown_to_script(script: str, job: str) -> str | None:
    if not (ROOT / script).is_file():
        return script
    return None if job in runnable() else job


def unknown_target(words: list[str]) -> str | None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    return next((word for word in words if "=" not in word and word not in targets), None)


def unknown_to_meltano(words: list[str]) -> str | None:
    plain = [word for word in words if not word.startswith("-")]
    if plain[0] not in {"run", "invoke"}:
        return None if plain[0] in MELTANO_COMMANDS else plain[0]
    if plain[0] == "invoke":
        program = PROGRAMS.get(plain[1], PROGRAMS["tap-twitter"])
        return next((name for name in plain[1:2] if name not in runnable()), None) or (
            unknown_option(program, words[words.index(plain[1]) + 1 :])
        )
    return next((n for n in plain[1:] if n not in runnable() and n != PLACEHOLDER), None)


def unknown_option(program: Any, words: list[str]) -> str | None:
    subcommands = getattr(program, "commands", {})
    if subcommands and words and words[0] not in subcommands:
        return words[0]
    known = {"--help"}
    for each in (program, *(subcommands.get(word) for word in words[:1])):
        known |= {name for param in getattr(each, "params", ()) for name in param.opts}
    names = (word.partition("=")[0] for word in words if word.startswith("--"))
    return next((name for name in names if name not in known), None)


@pytest.mark.parametrize("page", PAGES)
def test_commands_exist(page: str) -> None:
    for line in shell_lines(page):
        found = [unknown(command) for command in commands(line) if command]
        assert not any(found), f"{found} in: {line}"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("make diner", "diner"),
        ("cd there && curl example.org", "curl"),
        ("meltano run lookup dinner", "dinner"),
        ("meltano invoke tap-twitter:accounts-lose", "tap-twitter:accounts-lose"),
        ("meltano invoke twitter-lookup --tests", "--tests"),
        ("meltano invoke dataset drop people", "drop"),
        ("tap-twitter --config c.json | target-dataset --state s.json", "--state"),
        ("PYTHONPATH=tests python -m bench --quickly", "--quickly"),
        (".venv/bin/dataset drop people", "drop"),
    ],
)
def test_unknown_commands_are_noticed(line: str, word: str) -> None:
    assert word in {unknown(command) for command in commands(line) if command}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", text_of(page)):
        if not link.startswith("https://"):
            path, _, anchor = link.partition("#")
            target = (ROOT / page).parent / path if path else ROOT / page
            assert target.exists(), link
            assert not page.startswith("docs/") or target.resolve().is_relative_to(ROOT / "docs"), (
                link
            )
            headings = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if anchor else ()
            assert not anchor or anchor in map(slug, headings), link


@pytest.mark.parametrize("page", PAGES)
def test_files_exist(page: str) -> None:
    homes = [ROOT / home for home in HOMES] + [(ROOT / page).parent]
    for span in spans(page):
        if re.fullmatch(r"\w[\w-]*(/[\w.-]+)+/?|\w+/|\w+\.py", span):
            assert any((home / span).exists() for home in homes), span


def declared(properties: dict[str, Any], prefix: str = "") -> Iterator[str]:
    """The dotted names of settings, groups included."""
    for name, prop in properties.items():
        yield f"{prefix}{name}"
        yield from declared(prop.get("properties", {}), f"{prefix}{name}.")


SETTINGS: Final = {
    name
    for plugin in (TapTwitter, TargetDataset)
    for name in declared(plugin.config_jsonschema["properties"])
}


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page: str) -> None:
    for text in (*spans(page), *blocks(page, "yaml")):
        for name in re.findall(rf"(?<![\w./-])(?:{GROUPS})\.(?!py\b)[a-z_]+(?:\.[a-z_]+)*", text):
            assert name in SETTINGS or name in HOSTS, name


def mappings(value: Any, key: str) -> Iterator[dict[str, Any]]:
    """Every mapping under a key, however deep."""
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for name, child in children:
        if name == key:
            yield child
        elif isinstance(child, (dict, list)):
            yield from mappings(child, key)


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_settings_are_settings(page: str) -> None:
    for block in blocks(page, "yaml"):
        for config in mappings(yaml.safe_load(block), "config"):
            assert set(config) <= SETTINGS | {"plugins", "stream_maps"}  # of the SDK
    for block in blocks(page, "json"):
        assert set(json.loads(block)) <= SETTINGS
