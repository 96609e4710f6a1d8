"""What must stand in no log: the sandbox's keys and tokens, and what its answers say."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sandbox.credentials import APP, CLIENT, CLIENTS, USER_TOKENS
from sandbox.domo import clients as domo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UNMISTAKABLE: Final = 16
"""From this length on, words of an answer that stand in a log have come from that answer."""

BODY_START: Final = 60
"""How much of an answer's beginning tells it from anything else."""

NOT_SECRET: Final = {"id", "user_id", "user_name", "access_level", "client_id", "scopes"}

GIVEN: Final = frozenset(
    value
    for holder in (APP, *CLIENTS, *USER_TOKENS, *domo.CLIENTS)
    for name, value in asdict(holder).items()
    if value and name not in NOT_SECRET
)
"""The keys, tokens and secrets that are known beforehand; a client's id is public."""

HEADERS: Final = frozenset(
    b64encode(f"{name}:{secret}".encode()).decode()
    for name, secret in (
        (APP.consumer_key, APP.consumer_secret),
        (CLIENT.client_id, CLIENT.client_secret),
        *((each.client_id, each.client_secret) for each in domo.CLIENTS),
    )
)
"""What Basic headers make of them."""

ISSUED: Final = re.compile(
    r"AAAAAAAAAAAAAAAAAAAA%2F\w+|AAAAAAAAAAAAAAAAAAAA/\w+"  # app-only
    r"|\b(?:code|access|refresh)-[0-9a-f]{64}"  # OAuth 2.0
    r"|\b\d+-[0-9a-f]{40}\b"  # OAuth 1.0a access tokens
    r"|(?<![0-9a-f])[0-9a-f]{24}(?:[0-9a-f]{3}|[0-9a-f]{8})?(?![0-9a-f])"  # their secrets, flows
    r"|\beyJ[\w-]{20,}"  # Domo's access tokens
    r"|oauth_signature|\bBearer (?!token)[\w%./+-]{16,}|\bBasic [\w+/]{20,}"
)
"""What the tokens look like that a sandbox makes up while it runs, and headers that hold them."""

LEGEND: Final = frozenset({"required_enrollment", "scope", "title", "type"})
"""Keys whose values are words of the API, which messages use as well."""

GIVEN_NAME: Final = "Users lookup of "
"""How the names of datasets begin that the tap gave; Domo repeats them, and the summary shows them."""

RECORD: Final = re.compile(r'^\{"type": ?"RECORD".*$', re.MULTILINE)
"""A Singer message that holds what was asked for; it belongs into stdout."""


def leaks(text: str, bodies: Iterable[bytes] = ()) -> list[str]:
    """What of a log must not be in it.

    Args:
        text: Everything that was logged and written.
        bodies: Answers that the sandbox gave meanwhile.

    Returns:
        A line for each leak; empty where all is well.
    """
    secrets = {secret for secret in GIVEN | HEADERS if secret in text} | set(ISSUED.findall(text))
    told = RECORD.sub("", text)
    said = {words for body in set(bodies) for words in telling(body)} if told.strip() else set()
    return [
        *(f"a key, token or secret: {secret}" for secret in sorted(secrets)),
        *(f"part of an answer: {words}" for words in sorted(said) if words in told),
    ]


def telling(body: bytes) -> Iterator[str]:
    """The parts of an answer that cannot be mistaken for anything else."""
    text = body.decode(errors="replace")
    if len(text) > BODY_START:
        yield text[:BODY_START]
    try:
        values = list(_texts(json.loads(text)))
    except ValueError:
        return
    for value in values:
        if len(value) < UNMISTAKABLE or " " not in value or value.startswith(GIVEN_NAME):
            continue
        # escapes differ between JSON and Python: only what both write alike is looked for
        plain = max(re.split(r"[^ -~]|[\"'\\]", value), key=len)
        if len(plain) >= UNMISTAKABLE and " " in plain.strip():
            yield plain


def _texts(body: Any) -> Iterator[str]:
    """The texts in a parsed answer; a stack, as most of a scan's time goes by here."""
    pending = [body]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += [item for key, item in value.items() if key not in LEGEND]
