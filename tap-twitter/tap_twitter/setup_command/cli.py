"""The command line of `tap-twitter-init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from dataset_store.unexpected import ReportingCommand
from singer_plugin import UserError
from tap_twitter.accounts_command.cli import (
    authorize_url_option,
    browser_option,
    port_option,
    show_notes,
    timeout_option,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tap_twitter.setup_command.destination import Destination, Draft, Load
    from tap_twitter.setup_command.guide import Guide
    from tap_twitter.setup_command.pipeline import Pipeline

INTERRUPTED: Final = 130
"""The exit code that shells give a program that Ctrl-C ended."""

FIRST_RUN: Final = "Plan of the first run"
NEXT_RUN: Final = "Plan of the next run"
NO_TERMINAL: Final = (
    "tap-twitter-init asks questions, and there is no terminal to ask on. Run it in a terminal; "
    "for machines, write the settings as in the README, and connect accounts with "
    "tap-twitter-accounts."
)


class _Command(ReportingCommand):
    """A command that says on Ctrl-C, or at the end of the input, that nothing was written."""

    known_errors = (UserError,)
    debug_variable = "TAP_TWITTER_LOGLEVEL"

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit codes are 1 for errors and 130 for Ctrl-C."""
        ctx.obj = Progress()
        try:
            return super().invoke(ctx)
        except (click.Abort, KeyboardInterrupt, EOFError):
            click.echo(f"\nStopped. {ctx.obj.state}", err=True)
            ctx.exit(INTERRUPTED)
        except click.ClickException as error:
            error.show()
            click.echo(ctx.obj.state, err=True)
            ctx.exit(error.exit_code)


class Progress:
    """How far the set-up is, for the message when it stops."""

    def __init__(self) -> None:
        self.state = "Nothing was written."


@click.command(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="opendataset-tap-twitter")
@click.option(
    "--environment",
    help="The environment of the Meltano project whose settings are made; prod by default.",
)
@click.option(
    "--files",
    is_flag=True,
    help="Write tap.json, target.json and catalog.json, for the programs without Meltano. This is "
    "the default in a folder without a meltano.yml.",
)
@port_option
@timeout_option
@browser_option
@click.option("--base-url", help="The address of X's API, or of the sandbox: api.base_url.")
@authorize_url_option
@click.pass_context
def main(
    ctx: click.Context,
    /,
    *,
    environment: str | None,
    files: bool,
    base_url: str | None,
    **options: Any,
) -> None:
    """Set up tap-twitter and target-dataset, from the keys of your X app to the first run.

    Asks for the reports to load, for keys, which X checks at once, for accounts, which grant access
    in the browser or by PIN, for the ids, handles or accounts to report, and for a budget. Nothing
    is written before the last question. Ends with a test, and what the first run will cost.
    """
    if not sys.stdin.isatty():
        raise UserError(NO_TERMINAL)
    show_notes()
    guide = _guide(_destination(environment, files=files), base_url, options)
    _introduce(guide)
    draft = _asked(guide)
    _write(ctx, guide, draft)
    _try_out(guide)


def _destination(environment: str | None, *, files: bool) -> Destination:
    from tap_twitter.setup_command.config_files import ConfigFiles  # noqa: PLC0415
    from tap_twitter.setup_command.meltano_project import (  # noqa: PLC0415
        PROJECT,
        MeltanoProject,
    )

    folder = Path.cwd()
    if files or not (folder / PROJECT).exists():
        if environment is not None:
            msg = f"--environment is for a Meltano project; there is no {PROJECT} in {folder}"
            raise click.UsageError(msg if not files else "give --files or --environment, not both")
        return ConfigFiles(folder)
    return MeltanoProject(folder, environment)


def _guide(destination: Destination, base_url: str | None, options: dict[str, Any]) -> Guide:
    from tap_twitter.setup_command.guide import Guide, GuideOptions  # noqa: PLC0415
    from tap_twitter.setup_command.pending_logins import SetupSession  # noqa: PLC0415

    names = ("base_url", "engagement_url", "ads_url", "oauth_url")
    api = {name: destination.tap_setting(f"api.{name}") for name in names}
    auth = {"token_store": destination.tap_setting("auth.token_store")}
    budget = {"prices": destination.tap_setting("budget.prices")}
    if base_url:
        api["base_url"] = base_url
    session = SetupSession(None, {"api": api, "auth": auth, "budget": budget})
    guide = Guide(destination, session, GuideOptions(**options))
    if base_url:
        guide.keep("api.base_url", base_url)
    return guide


def _introduce(guide: Guide) -> None:
    click.echo(f"This sets up {guide.destination.title}.", err=True)
    click.echo("Ctrl-C stops it; nothing is written before the last question.", err=True)


def _asked(guide: Guide) -> Draft:
    """Ask everything, and whether to write it.

    Raises:
        click.Abort: The user does not want that.
    """
    from tap_twitter.accounts_command import prompts  # noqa: PLC0415
    from tap_twitter.setup_command.guide import ask_all  # noqa: PLC0415
    from tap_twitter.setup_command.steps import STEPS  # noqa: PLC0415

    ask_all(guide, STEPS)
    draft = guide.destination.draft(guide.answers)
    _head("What is written")
    for line in _lines(guide, draft):
        click.echo(f"  {line}", err=True)
    replaced = sum(each.replaces for each in draft.changes)
    values = "present value" if replaced == 1 else "present values"
    question = f"Write this, which replaces {replaced} {values}?" if replaced else "Write this?"
    if not prompts.confirmed(question, "run it in a terminal", default=not replaced):
        raise click.Abort
    return draft


def _lines(guide: Guide, draft: Draft) -> list[str]:
    """What will change, a line each."""
    lines = []
    for each in draft.changes:
        new = "(removed)" if each.new is None else each.new
        was = f"  (was {each.old})" if each.replaces else ""
        lines.append(f"{each.file}: {each.name} = {new}{was}")
    if new_input := guide.answers.new_input:
        verb = "new rows of" if new_input.replaces else "new"
        lines.append(f"{verb} dataset '{new_input.name}', from {new_input.file}")
    store = guide.session.config["auth"]["token_store"]
    lines += [f"{store}: login '{login.name}'" for login in guide.answers.logins]
    return lines or ["nothing: all of it is set already"]


def _write(ctx: click.Context, guide: Guide, draft: Draft) -> None:
    from tap_twitter.setup_command.writing import write_all  # noqa: PLC0415

    write_all(guide.answers, draft, guide.session.store)
    files = ", ".join(dict.fromkeys(each.file.name for each in draft.contents))
    ctx.obj.state = f"The settings are written{f': {files}' if files else ''}."
    click.echo(ctx.obj.state, err=True)


def _try_out(guide: Guide) -> None:
    """Run the tap's test and plan with what was written, and offer the first run.

    Raises:
        UserError: The test fails, or the first run.
    """
    from tap_twitter.accounts_command import prompts  # noqa: PLC0415
    from tap_twitter.setup_command.trial import price, summary, summed, trial  # noqa: PLC0415

    destination, answers = guide.destination, guide.answers
    loads = destination.loads(answers)
    with trial(destination.tap_config()) as attempt:
        _head("Test")
        passed = attempt.passes(answers.streams)
        if not passed:
            _show_commands("When the table's fixes are made", _commands(loads))
            msg = "The test failed: make the fixes in its table."
            raise UserError(msg)
        states = [load.read_state() for load in loads]
        _head(NEXT_RUN if any(states) else FIRST_RUN)
        plans = map(attempt.plan, (load.streams for load in loads), states)
        plan = summed(list(plans))
    click.echo(summary(plan), err=True)
    heading = "Next"
    if prompts.confirmed(f"\nRun it now, {price(plan)}?", "run it in a terminal"):
        heading = "The rows are there. Next"
        try:
            for command in _commands(loads):
                _head(command.text)
                command.run()
        except UserError:
            _show_commands("When that is fixed", _commands(destination.loads(answers)))
            raise
    _show_commands(heading, [*_commands(destination.loads(answers)), destination.listing()])


def _commands(loads: Sequence[Load]) -> list[Pipeline]:
    return [command for load in loads for command in load.commands]


def _head(title: str) -> None:
    click.echo(f"\n{click.style(title, bold=True)}", err=True)


def _show_commands(title: str, commands: list[Pipeline]) -> None:
    _head(title)
    for command in commands:
        click.echo(f"  {command.text}")
