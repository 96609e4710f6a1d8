"""Settings in a Meltano project: secrets in `.env`, all others in `meltano.yml`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import defaultdict
from functools import partial
from string import Template
from typing import TYPE_CHECKING, Any, Final

from singer_plugin import UserError
from tap_twitter.auth.durable_file import PRIVATE, NewContent
from tap_twitter.setup_command import env_file
from tap_twitter.setup_command.answers import STORE_OPTIONS, VARIABLES
from tap_twitter.setup_command.destination import Change, Draft, Load, shown
from tap_twitter.setup_command.pipeline import Pipeline, installed
from tap_twitter.setup_command.project_file import ProjectFile
from tap_twitter.streams.store_settings import DEFAULT_STORE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tap_twitter.setup_command.answers import Answers
    from tap_twitter.setup_command.reports import Report

PROJECT: Final = "meltano.yml"
ENV: Final = ".env"
TAP: Final = ("extractors", "tap-twitter")
TARGET: Final = ("loaders", "target-dataset")
DEFAULT: Final = "prod"
"""The environment, if the project has one of this name and the user gives none."""

TIMEOUT_SECONDS: Final = 600
"""Meltano may install a plugin first."""


class MeltanoProject:
    """The project in a folder.

    Args:
        folder: The folder.
        environment: The environment whose settings are made; None for `prod`, or for none if the
            project has no environments.

    Raises:
        UserError: The project lacks the plugins or the environment, or there is no Meltano.
    """

    def __init__(self, folder: Path, environment: str | None) -> None:
        self._folder = folder
        self._file = _project_file(folder)
        self._environment = _environment(self._file, environment)
        self._file.environment = self._environment
        self._env = folder / ENV
        self._env_text = self._env.read_text("utf-8") if self._env.exists() else ""
        self._variables = env_file.variables(self._env_text)
        self._meltano = _meltano()
        for kind, name in (TAP, TARGET):
            if name not in self._file.plugins(kind):
                msg = (
                    f"File {PROJECT} has no plugin '{name}': add it by `meltano add`, as in the "
                    "README; or write files for the two programs alone, with --files."
                )
                raise UserError(msg)
        where = f"environment '{self._environment}' of " if self._environment else ""
        self.title = f"{where}the Meltano project in this folder ({ENV}, {PROJECT})"

    def tap_setting(self, name: str) -> Any:
        """The present value of a setting of the tap; None if it is not set."""
        return self._setting(TAP, name)

    def target_setting(self, name: str) -> Any:
        """The same of the target."""
        return self._setting(TARGET, name)

    def draft(self, answers: Answers) -> Draft:
        """What is to be written; `.env` can be read by its owner alone."""
        file = _project_file(self._folder)  # edits start from what is there
        file.environment = self._environment
        variables: dict[str, str] = {}
        changes: list[Change] = []
        for plugin, settings in ((TAP, answers.tap), (TARGET, answers.target)):
            for name, value in settings.items():
                changes += self._edit(file, plugin, name, value, variables)
        changes += _add_plugins(file, answers.reports)
        text = env_file.with_variables(self._env_text, variables)
        contents = []
        changes += self._closing()
        if any(each.file == ENV for each in changes):
            contents.append(NewContent(self._env, text.encode()))
        if any(each.file == PROJECT for each in changes):
            mode = file.path.stat().st_mode & 0o777
            contents.append(NewContent(file.path, file.content.encode(), mode))
        return Draft(changes, contents)

    def _closing(self) -> Iterator[Change]:
        """What it takes to keep others from reading the secrets."""
        mode = self._env.stat().st_mode & 0o777 if self._env.exists() else PRIVATE
        if mode != PRIVATE:
            yield Change(ENV, "permissions", None, f"{PRIVATE:o}, not {mode:o}")

    def _edit(
        self,
        file: ProjectFile,
        plugin: tuple[str, str],
        name: str,
        value: Any,
        variables: dict[str, str],
    ) -> Iterator[Change]:
        """Enter a setting into the file, or its value into the variables."""
        raw = file.setting(*plugin, name)
        label = name if plugin == TAP else f"{name} of {plugin[1]}"
        variable = _variable(raw)
        if variable is None and name in VARIABLES and value is not None and _differs(value, raw):
            variable = self._variable_for(name)
            yield Change(PROJECT, label, "(secret)" if raw else None, f"${variable}")
            file.set(*plugin, name, f"${variable}")
        if variable is None:
            if value != raw:
                old = None if raw is None else "(secret)" if name in VARIABLES else shown(raw)
                file.set(*plugin, name, value)
                yield Change(PROJECT, label, old, None if value is None else shown(value))
            return
        old = self._variables.get(variable) or None
        new = None if value is None else value if isinstance(value, str) else _json(value)
        if old != new and variables.get(variable) != (new or ""):
            variables[variable] = new or ""
            hidden = name in VARIABLES
            yield Change(
                ENV,
                variable,
                None if old is None else "(secret)" if hidden else shown(old),
                None if new is None else "(secret)" if hidden else shown(new),
            )

    def _variable_for(self, name: str) -> str:
        """The variable for a secret; each environment but `prod` has variables of its own."""
        if self._environment in {None, DEFAULT}:
            return VARIABLES[name]
        prefix = "".join(c if c.isalnum() else "_" for c in str(self._environment)).upper()
        return f"{prefix}_{VARIABLES[name]}"

    def tap_config(self) -> dict[str, Any]:
        """All settings of the tap as Meltano passes them.

        Raises:
            UserError: Meltano does not give it.
        """
        return self._query("the settings", "--log-level=warning", "invoke", "--dump=config", TAP[1])

    def _state(self, plugin: str) -> dict[str, Any]:
        """The state of the run that loads a plugin's streams; Meltano keeps it by environment.

        Raises:
            UserError: Meltano does not give it.
        """
        if self._environment is None:
            return {}
        parts = (self._environment, f"{plugin}-to-{TARGET[1]}", self._state_id_suffix)
        name = ":".join(filter(None, parts))
        # it warns if a plugin that is in no job has not run yet
        state = self._query("the state", "--log-level=error", "state", "get", name)
        return state.get("singer_state") or {}

    @property
    def _state_id_suffix(self) -> str:
        """The suffix that the run is given, or else that of the environment."""
        if given := os.environ.get("MELTANO_RUN_STATE_ID_SUFFIX"):
            return given
        variables = defaultdict(str, {**self._variables, **os.environ})
        return Template(self._file.state_id_suffix).safe_substitute(variables)

    def _query(self, what: str, *words: str) -> dict[str, Any]:
        """The JSON that a command of Meltano prints.

        Raises:
            UserError: The command fails, or prints none.
        """
        try:
            done = subprocess.run(  # noqa: S603 - Meltano, and no shell
                [*self._words, *words],
                cwd=self._folder,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
                timeout=TIMEOUT_SECONDS,
            )
            found: dict[str, Any] = json.loads(done.stdout)
        except (subprocess.SubprocessError, ValueError):
            msg = f"Meltano does not give {what}: see above."
            raise UserError(msg) from None
        return found

    def loads(self, answers: Answers) -> list[Load]:
        """The commands that load the reports: jobs, or else plugins."""
        jobs = self._file.jobs()
        wanted = []
        for report in answers.reports:
            plugin = self._plugin_of(report)
            tasks = [f"{plugin} {TARGET[1]}"]
            job = next((name for name, each in jobs.items() if each == tasks), tasks[0])
            command = Pipeline(([*self._words, "run", *job.split()],), self._folder)
            wanted.append(Load([command], report.streams, partial(self._state, plugin)))
        return wanted

    def listing(self) -> Pipeline:
        """The command that lists the datasets."""
        file = _project_file(self._folder)  # the answers may have been written meanwhile
        file.environment = self._environment
        settings = [*self._words, "invoke", "--dump=config", TARGET[1]]
        if file.setting(*TARGET, STORE_OPTIONS):
            listing = [installed("dataset"), "list", "--config", "-"]
            return Pipeline((settings, listing), self._folder)
        store = self._resolved(file.setting(*TARGET, "store")) or DEFAULT_STORE
        chosen = [] if store == DEFAULT_STORE else ["--store", str(store)]
        return Pipeline(([installed("dataset"), "list", *chosen],), self._folder)

    @property
    def _words(self) -> list[str]:
        chosen = f"--environment={self._environment}" if self._environment else "--no-environment"
        return [self._meltano, chosen]

    def _plugin_of(self, report: Report) -> str:
        return _selecting(self._file, report) or f"twitter-{report.job}"

    def _setting(self, plugin: tuple[str, str], name: str) -> Any:
        raw = self._file.setting(*plugin, name)
        value = self._resolved(raw)
        if name != STORE_OPTIONS:
            return value
        members = _object(plugin[1], name, value)
        if _variable(raw):
            return members
        return {member: self._resolved(each) for member, each in members.items()}

    def _resolved(self, raw: Any) -> Any:
        variable = _variable(raw)
        if variable is None:
            return raw
        return os.environ.get(variable) or self._variables.get(variable) or None


def _environment(file: ProjectFile, wanted: str | None) -> str | None:
    known = file.environments
    if wanted is not None and wanted not in known:
        msg = f"File {PROJECT} has no environment '{wanted}'; it has: {', '.join(known) or 'none'}."
        raise UserError(msg)
    if wanted is None and known and DEFAULT not in known:
        msg = f"Choose an environment of {PROJECT} with --environment: {', '.join(known)}."
        raise UserError(msg)
    return wanted or (DEFAULT if known else None)


def _project_file(folder: Path) -> ProjectFile:
    try:
        return ProjectFile(folder / PROJECT)
    except ImportError:
        msg = (
            "A Meltano project is edited with an extra: run pip install "
            "'opendataset-tap-twitter[meltano]'; or write files for the two programs alone, with "
            "--files."
        )
        raise UserError(msg) from None


def _meltano() -> str:
    """The program: beside this interpreter, or on the path."""
    found = installed("meltano")
    if shutil.which(found) is None:
        msg = (
            "There is no program 'meltano': install it, or activate the environment that has it; "
            "or write files for the two programs alone, with --files."
        )
        raise UserError(msg)
    return found


def _variable(raw: Any) -> str | None:
    """The variable that a value stands for, as a whole."""
    if not isinstance(raw, str):
        return None
    name = raw.removeprefix("$").removeprefix("{").removesuffix("}")
    return name if raw in {f"${name}", f"${{{name}}}"} and name.isidentifier() else None


def _object(plugin: str, name: str, value: Any) -> dict[str, Any]:
    """An object, which stands in the file as an object or as JSON text.

    Raises:
        UserError: It is neither.
    """
    try:
        return {**(json.loads(value) if isinstance(value, str) else value or {})}
    except (TypeError, ValueError, RecursionError):
        msg = (
            f"File {PROJECT}: '{name}' of plugin '{plugin}' is no object, or the variable that it "
            "names holds none; write it as an object, or remove it."
        )
        raise UserError(msg) from None


def _differs(value: Any, raw: Any) -> bool:
    """Whether a secret needs its variable; Meltano gives other plugins no object's members."""
    return value != raw or isinstance(raw, dict)


def _json(value: Any) -> str:
    """A value as JSON without `${`, for which `.env` files would put a variable."""
    return json.dumps(value).replace("${", "\\u0024{")


def _selecting(file: ProjectFile, report: Report) -> str | None:
    """The extractor that selects the streams of a report and nothing else."""
    for name, plugin in file.plugins(TAP[0]).items():
        if {*plugin.get("select", ())} == {f"{stream}.*" for stream in report.streams}:
            return name
    return None


def _add_plugins(file: ProjectFile, reports: tuple[Report, ...]) -> Iterator[Change]:
    """Add a plugin for each report that has none."""
    for report in reports:
        if _selecting(file, report) is None:
            name = f"twitter-{report.job}"
            if name in file.plugins(TAP[0]):
                msg = (
                    f"File {PROJECT}: plugin '{name}' selects other streams than "
                    f"{', '.join(report.streams)}; rename it, or make it select '<stream>.*' of "
                    "each."
                )
                raise UserError(msg)
            select = [f"{stream}.*" for stream in report.streams]
            plugin = {"name": name, "inherit_from": TAP[1], "select": select}
            file.add_plugin(TAP[0], plugin)
            yield Change(PROJECT, name, None, f"a plugin that selects {', '.join(report.streams)}")
