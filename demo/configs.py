"""Writes the configuration files of a lookup in Domo, and prints what the demo's settings need."""

from __future__ import annotations

import json
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

DOMO = {
    "client_id": "11111111-2222-4333-8444-555555555555",
    "client_secret": "5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c",
}


def main(ready: Path) -> None:
    """Write `tap.json` and `target.json` beside the file that tells the sandbox's address."""
    url = json.loads(ready.read_text())["url"]
    with urllib.request.urlopen(f"{url}/sandbox/credentials") as answer:  # noqa: S310 - of the sandbox
        keys = json.load(answer)
    summaries = {"summary_file": str(ready.with_name("summaries.jsonl"))}
    target = {"store": url.replace("http:", "domo:"), "store_options": DOMO, **summaries}
    app, owner = keys["app"], keys["owner"]
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    tap = {
        **target,
        "auth": {name: (app | owner)[name] for name in names},
        "api": {"base_url": url},
        "users_lookup": {"input_dataset_id": "Demo people"},
    }
    ready.with_name("tap.json").write_text(json.dumps(tap, indent=2))
    ready.with_name("target.json").write_text(json.dumps(target, indent=2))
    month_ago = datetime.now(UTC).date() - timedelta(30)
    click.echo(f"{url} {month_ago} {keys['bearer_token']}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
