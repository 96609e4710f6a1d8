"""The files of a new stream, and those that list it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from about.files import dumped, project_yaml

from sandbox.application import ENDPOINTS
from sandbox.x.endpoint import ANYONE, USERS_ONLY
from sandbox.x.scalars import Integer
from sandbox.x.timelines import POST_FIELDS
from tap_twitter.api.endpoints import v2
from tap_twitter.api.endpoints.base import READ, Endpoint

if TYPE_CHECKING:
    from sandbox.x.endpoint import Endpoint as SandboxEndpoint

ROOT: Final = Path(__file__).parents[2]
TEMPLATES: Final = Path(__file__).parent / "templates"
KINDS: Final = {ANYONE: "", USERS_ONLY: "kinds=USERS_ONLY,"}
"""By the tokens that an endpoint of the sandbox takes, how the tap declares them."""

OWNED: Final = {"tweets", "mentions", "liked_tweets", "bookmarks"}
"""Lists of posts whose owner pays less (https://docs.x.com/x-api/getting-started/pricing)."""

HINT: Final = "read CONTRIBUTING.md, and write the stream after a like one, such as followers"


class UnfitError(Exception):
    """The template does not fit."""


def written(root: Path, name: str, path: str) -> dict[Path, str]:
    """The files of a stream below a folder, new or changed, and their texts: the report and its test first.

    Args:
        root: The clone.
        name: The stream's name.
        path: The endpoint's path, as X's specification has it.

    Raises:
        UnfitError: The name is taken or no name, or the endpoint is none that the template reads.
    """
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        msg = f"'{name}' is no name of a stream: use lower-case words joined by underscores."
        raise UnfitError(msg)
    package = root / "tap-twitter/tap_twitter"
    report = package / f"reports/{name}.py"
    if report.exists() or (package / f"reports/{name}").exists():
        msg = f"There is a report '{name}' already: choose another name."
        raise UnfitError(msg)
    values = _values(name, path, _declared_in_sandbox(path))
    texts = {
        report: _filled("report", values),
        root / f"tests/tap_twitter/reports/test_{name}.py": _filled("test", values),
        root / f"docs/{name}.md": _filled("page", values),
        package / "tap.py": _registered((package / "tap.py").read_text(), values),
        root / "meltano.yml": _project(root / "meltano.yml", values),
        root / "tap-twitter/README.md": _readme(root / "tap-twitter/README.md", values),
        root / "mkdocs.yml": _navigation((root / "mkdocs.yml").read_text(), values),
    }
    if not values["is_declared"]:
        endpoints = package / "api/endpoints/v2.py"
        texts[endpoints] = f"{endpoints.read_text()}{_filled('endpoint', values)}"
    return texts


def _declared_in_sandbox(path: str) -> SandboxEndpoint:
    found = next((each for each in ENDPOINTS if each.path == path), None)
    if found is None:
        msg = f"The sandbox has no endpoint {path}: declare it in tests/sandbox/x/ first."
        raise UnfitError(msg)
    bounds = {each.name for each in found.parameters}
    is_list_of_posts = path.startswith("/2/users/{id}/") and tuple(found.fields) == POST_FIELDS
    if not (is_list_of_posts and bounds >= {"since_id", "until_id", "max_results"}):
        msg = f"{path} gives no posts of an account within bounds by id: {HINT}."
        raise UnfitError(msg)
    if found.kinds not in KINDS:
        msg = f"{path} takes credentials that the template does not: {HINT}."
        raise UnfitError(msg)
    return found


def _values(name: str, path: str, endpoint: SandboxEndpoint) -> dict[str, Any]:
    """What the templates have blanks for."""
    declared = {
        each.template: constant for constant, each in vars(v2).items() if isinstance(each, Endpoint)
    }
    size = next(
        each
        for each in endpoint.parameters
        if isinstance(each, Integer) and each.name == "max_results"
    )
    words, others = name.split("_"), sorted(endpoint.scopes - READ)
    return {
        "name": name,
        "path": path,
        "job": name.replace("_", "-"),
        "title": " ".join(words).capitalize(),
        "stream": f"{''.join(map(str.capitalize, words))}Stream",
        "constant": declared.get(path, name.upper()),
        "is_declared": path in declared,
        "lowest": size.lowest,
        "highest": size.highest,
        "user_limit": endpoint.allowance.user,
        "app_limit": endpoint.allowance.app,
        "kinds": KINDS[endpoint.kinds],
        "scopes": f"scopes=READ | {{'{more}'}}," if (more := "', '".join(others)) else "",
        "is_owned": "is_owned=True," if path.rpartition("/")[2] in OWNED else "",
    }


def _filled(template: str, values: dict[str, Any]) -> str:
    return (TEMPLATES / f"{template}.txt").read_text().format(**values)


def _registered(text: str, values: dict[str, Any]) -> str:
    """The module of the tap, with the stream; the linter sorts its imports."""
    line = "from tap_twitter.reports.{name} import {stream}\n".format(**values)
    text = text.replace("from tap_twitter.reports.", f"{line}from tap_twitter.reports.", 1)
    head, _, rest = text.partition("    STREAMS: ClassVar")
    streams, end, after = rest.partition("\n    )\n")
    return f"{head}    STREAMS: ClassVar{streams}\n        {values['stream']},{end}{after}"


def _project(path: Path, values: dict[str, Any]) -> str:
    """The project, with a plugin and a job."""
    project, plugin = project_yaml().load(path), f"twitter-{values['job']}"
    project["plugins"]["extractors"].append(
        {"name": plugin, "inherit_from": "tap-twitter", "select": [f"{values['name']}.*"]}
    )
    project["jobs"].append({"name": values["job"], "tasks": [f"{plugin} target-dataset"]})
    return dumped(project)


def _readme(path: Path, values: dict[str, Any]) -> str:
    """The tap's README, with a row below the other streams."""
    head, _, rest = path.read_text().partition("\n\nWithout a catalog")
    row = (
        "| `{name}` | one per account and post of `{path}` | `account_id`, `id` | "
        "[{title}](../docs/{name}.md) |".format(**values)
    )
    return f"{head}\n{row}\n\nWithout a catalog{rest}"


def _navigation(text: str, values: dict[str, Any]) -> str:
    """The navigation of the docs site, with the page of the stream."""
    page = "  - {title}: {name}.md\n".format(**values)
    return text.replace("- Running:\n", f"{page}- Running:\n", 1)
