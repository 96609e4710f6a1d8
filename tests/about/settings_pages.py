"""The settings reference of the docs site: a page for each plugin, a table for each group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from about.plugins import TAP, TARGET, Plugin, default, described

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HEAD: Final = "| Setting | Type | Default | What it does |\n|---|---|---|---|\n"
MARK: Final = "<!-- Written by `make about` from --about. -->\n\n"
SINGER: Final = "Stream maps and flattening"
NAMES: Final = ("stream_map", "faker", "flattening")
"""How the settings begin that every plugin of the Meltano SDK has."""

FORMS: Final[Mapping[Plugin, tuple[str, str]]] = {
    TAP: ("tap", "TAP_TWITTER_BUDGET_MAX_COST_USD"),
    TARGET: ("target", "TARGET_DATASET_BATCH_MEMORY_MB"),
}
"""The pages, and a variable of the environment as an example."""


def settings_pages(root: Path) -> dict[Path, str]:
    """The pages and their texts."""
    return {
        root / f"docs/settings-{name}.md": _page(plugin, variable)
        for plugin, (name, variable) in FORMS.items()
    }


def _page(plugin: Plugin, variable: str) -> str:
    tables: dict[str, list[str]] = {}
    for name, prop in plugin.settings.items():
        tables.setdefault(_group(name), []).append(_row(name, prop))
    return (
        f"{MARK}# Settings of {plugin.name}\n\n"
        f"`{plugin.name} --about` prints these, too. A setting can be in `meltano.yml`, in the file of\n"
        f"`--config`, or in the environment, in capitals and with underscores: `{variable}`.\n"
        + "".join(f"\n## {heading}\n\n{HEAD}{''.join(rows)}" for heading, rows in tables.items())
    )


def _group(name: str) -> str:
    if name.startswith(NAMES):
        return SINGER
    return f"`{name.partition('.')[0]}`" if "." in name else "General"


def _row(name: str, prop: dict[str, Any]) -> str:
    return f"| `{name}` | {' or '.join(_types(prop))} | {default(prop)} | {described(prop)} |\n"


def _types(prop: dict[str, Any]) -> Iterator[str]:
    """The JSON types of a setting, without null."""
    for option in prop.get("anyOf", prop.get("oneOf", [prop])):
        types = option.get("type", [])
        yield from (
            each for each in ([types] if isinstance(types, str) else types) if each != "null"
        )
