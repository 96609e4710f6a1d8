"""`python -m sandbox`: runs a sandbox until it is told to stop."""

from __future__ import annotations

import errno
import json
import os
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sandbox import credentials
from sandbox.options import DEFAULT_SHARES, Options
from sandbox.server import running

if TYPE_CHECKING:
    from collections.abc import Mapping


def _moment(
    context: click.Context, parameter: click.Parameter, text: str | None
) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text!r} is not an ISO 8601 time, such as 2026-01-31T12:00:00Z"
        raise click.BadParameter(msg) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _limits(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> Mapping[str, int]:
    limits = {}
    for text in texts:
        name, _, amount = text.partition("=")
        if not amount.isdecimal() or ":" not in name:
            msg = f"{text!r} is not PATH:POOL=REQUESTS, such as /2/users:app=30 or /2/users:user:day=9"
            raise click.BadParameter(msg)
        limits[name] = int(amount)
    return limits


@click.command(context_settings={"show_default": True})
@click.option("--host", default=Options.host, help="Loopback address to listen on.")
@click.option("--port", default=Options.port, help="Port; 0 takes any that is free.")
@click.option("--seed", default=Options.seed, help="What the world derives from.")
@click.option(
    "--clock", "clock_start", callback=_moment, help="Start of the clock (ISO 8601); default: now."
)
@click.option(
    "--ticking/--frozen",
    "clock_ticking",
    default=Options.clock_ticking,
    help="Whether the clock runs.",
)
@click.option(
    "--window-seconds",
    default=Options.window_seconds,
    type=click.IntRange(1),
    help="Length of a rate limit window.",
)
@click.option(
    "--limit-scale",
    default=Options.limit_scale,
    type=click.FloatRange(0),
    help="Factor on all allowances.",
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    callback=_limits,
    metavar="PATH:POOL[:second|:day]=REQUESTS",
    help="One allowance; may be repeated.",
)
@click.option(
    "--credits-usd", type=float, default=Options.credits_usd, help="Prepaid credits; default: any."
)
@click.option(
    "--spend-cap-usd",
    type=float,
    default=Options.spend_cap_usd,
    help="The most that a month may cost; default: anything.",
)
@click.option(
    "--post-cap", type=int, default=Options.post_cap, help="The most Posts charged in a month."
)
@click.option(
    "--callback",
    "callbacks",
    multiple=True,
    default=Options.callbacks,
    help="A callback URL of the app; may be repeated.",
)
@click.option(
    "--latency-ms",
    default=Options.latency_ms,
    type=click.FloatRange(0),
    help="Time that every answer takes.",
)
@click.option(
    "--vocabulary",
    default=Options.vocabulary,
    type=click.Choice(["tweet", "post", "both"]),
    help="Words spoken.",
)
@click.option(
    "--default-vocabulary",
    default=Options.default_vocabulary,
    type=click.Choice(["tweet", "post"]),
    help="Words used when a request uses neither.",
)
@click.option("--mixed-metrics", is_flag=True, help="Keep tweet_count in the post vocabulary.")
@click.option(
    "--unknown-fields",
    default=Options.unknown_fields,
    type=click.Choice(["refuse", "ignore"]),
    help="What becomes of unknown fields.",
)
@click.option(
    "--unauthorized-body",
    default=Options.unauthorized_body,
    type=click.Choice(["problem", "codes"]),
    help="Shape of 401 bodies.",
)
@click.option(
    "--problem-base",
    default=Options.problem_base,
    help="Start of problem types; the spec has api.x.com.",
)
@click.option(
    "--bill-includes/--free-includes",
    default=Options.bill_includes,
    help="Whether included objects are charged.",
)
@click.option(
    "--page-token-seconds",
    type=click.FloatRange(0, min_open=True),
    default=Options.page_token_seconds,
    help="How long tokens lead to the next page; default: for ever.",
)
@click.option(
    "--earlier-versions",
    default=Options.earlier_versions,
    type=click.Choice(["newest", "as_asked"]),
    help="What the id of an edited post's earlier version gives.",
)
@click.option(
    "--dm-conversation-days",
    default=Options.dm_conversation_days,
    type=click.IntRange(1),
    help="How far a single conversation can be read back.",
)
@click.option(
    "--lenient-oauth2/--strict-oauth2",
    default=Options.lenient_oauth2,
    help="Whether s256 in lower case and JSON at /2/oauth2/token are taken.",
)
@click.option(
    "--foreign-posts",
    default=Options.foreign_posts,
    type=click.Choice(["one_line", "line_per_author"]),
    help="How the Engagement API refuses other accounts' posts.",
)
@click.option(
    "--protected-share",
    "shares",
    default=DEFAULT_SHARES["protected"],
    type=click.FloatRange(0, 1),
    callback=lambda *given: {**DEFAULT_SHARES, "protected": given[-1]},
    help="Share of the users whose lookup is not authorized.",
)
@click.option(
    "--query-length",
    default=Options.query_length,
    type=click.IntRange(1, 4096),
    help="The most characters of a search query.",
)
@click.option(
    "--reposts-by-keyword",
    is_flag=True,
    help="Find reposts by the words that they repeat.",
)
@click.option(
    "--mentions-by-reposts", is_flag=True, help="Count a repost as a mention of whom it repeats."
)
@click.option(
    "--follows-order",
    default=Options.follows_order,
    type=click.Choice(["latest_first", "earliest_first"]),
    help="Which followers, followed accounts and members of lists come first.",
)
@click.option(
    "--list-members-price",
    default=Options.list_members_price,
    type=click.Choice(["User", "List"]),
    help="What a list's member is charged as.",
)
@click.option(
    "--usage-shape",
    default=Options.usage_shape,
    type=click.Choice(["spec", "introduction"]),
    help="How a day's posts are called in usage.",
)
@click.option(
    "--cap-reset-day",
    default=Options.cap_reset_day,
    type=click.Choice(["days_left", "day_of_month"]),
    help="What usage means by cap_reset_day.",
)
@click.option(
    "--oauth-clock",
    default=Options.oauth_clock,
    type=click.Choice(["real", "sandbox"]),
    help="Clock that OAuth timestamps must agree with.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Written once listening: JSON with url and pid.",
)
@click.option("--show-keys", is_flag=True, help="Print keys to type where a program asks for them.")
def main(ready_file: Path | None, show_keys: bool, **settings: Any) -> None:
    """Run a local X API until SIGTERM or SIGINT."""
    options = Options(**settings)
    try:
        with running(options) as sandbox:
            if show_keys:
                click.echo(credentials.as_text(sandbox.tokens.app_only()))
            _serve(sandbox.url, ready_file)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise click.ClickException(str(error)) from None
        msg = f"port {options.port} is taken, perhaps by another sandbox; stop that, or give another --port"
        raise click.ClickException(msg) from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None


def _serve(url: str, ready_file: Path | None) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    click.echo(f"Sandbox at {url}")
    if ready_file is None:
        stop.wait()
        return
    _announce(ready_file, url)
    try:
        stop.wait()
    finally:
        ready_file.unlink(missing_ok=True)


def _announce(ready_file: Path, url: str) -> None:
    """Write the file in one step, so that whoever waits for it never reads half of it."""
    draft = ready_file.with_name(f".{ready_file.name}.{os.getpid()}")
    draft.write_text(json.dumps({"url": url, "pid": os.getpid()}), encoding="utf-8")
    draft.replace(ready_file)


if __name__ == "__main__":
    main()
