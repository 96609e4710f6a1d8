"""`--test`: everything that streams need, each thing once, at the smallest price."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.commands import BIN, run
from support.harness import (
    APP_AUTH,
    USER_AUTH,
    Messages,
    SkippingClock,
    account_of,
    make_dataset,
    selecting,
    tap_config,
)

from sandbox.credentials import NEWS, OWNER, SECOND_USER
from sandbox.lists import TEA_PEOPLE
from tap_twitter.api.retries import SOMEBODY_WAITS
from tap_twitter.command.connection_check import (
    FAILED,
    NOT_CONFIGURED,
    NOT_TESTED,
    OK,
    SKIPPED,
    ConnectionTest,
)
from tap_twitter.tap import TapTwitter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

LOOKUP = ["users_lookup"]
MESSAGES = ["direct_messages", "direct_messages_sent"]
ENGAGEMENT = ["historical_engagement", "engagement_28hr", "engagement_totals"]


@pytest.fixture
def config(sandbox: Sandbox, tmp_path: Path) -> dict[str, Any]:
    make_dataset(tmp_path, "people", {"who": [*sandbox.world.sample_ids(250), "@somebody"]})
    return tap_config(sandbox, tmp_path)


def checked(config: dict[str, Any], streams: list[str] | None = None) -> ConnectionTest:
    """Run the test of some streams that a catalog selects, or of all without a catalog."""
    catalog = None if streams is None else selecting(config, streams)
    messages = Messages()
    test = TapTwitter(config=config, catalog=catalog, message_writer=messages).test()
    test.run()
    assert messages.all == []
    return test


def results(test: ConnectionTest) -> dict[tuple[str, str], str]:
    """The results by endpoint and account; what needs no request has the stream alone."""
    return {
        (about, check.subject.name if check.subject else ""): check.result
        for check in test.checks
        for about in (
            [check.endpoint.template] if check.endpoint else [each.name for each in check.streams]
        )
    }


def needs(test: ConnectionTest) -> Iterator[str]:
    return (check.need for check in test.checks if check.result == FAILED)


def test_every_endpoint_has_a_way_to_be_tested(config: dict[str, Any]) -> None:
    lists = {"list_members": {"lists": [TEA_PEOPLE]}}
    queries = {"queries": [{"name": "tea", "query": "tea"}]}
    tap = TapTwitter(config={**config, **lists, **queries})
    for stream in tap.x_streams:
        for account in stream.subjects:
            for endpoint in stream.endpoints_for(account):
                assert endpoint.probe is not None, (stream.name, endpoint.template)


def test_a_lookup_is_tested_for_nothing(sandbox: Sandbox, config: dict[str, Any]) -> None:
    test = checked(config, LOOKUP)
    me = OWNER.user_id
    expected = {("users_lookup", ""): OK, ("/2/users", me): OK, ("/2/users/by", me): OK}
    assert results(test) == expected
    assert test.is_passed
    assert float(test.most_usd) == 0.01
    assert sandbox.bill.total.gross_objects == 0
    assert {(entry.path, entry.status) for entry in sandbox.requests} == {
        ("/2/users", 200),
        ("/2/users/by", 200),
    }


def test_messages_cost_one_event_for_both_streams(sandbox: Sandbox, config: dict[str, Any]) -> None:
    test = checked(config, MESSAGES)
    assert results(test)["/2/dm_events", OWNER.user_id] == OK
    assert len(sandbox.requests) == sandbox.bill.total.gross_objects == 1
    assert "costs at most 0.010 USD" in test.announcement()
    assert "All checks passed. The test cost 0.010 USD." in test.report()
    (line,) = [line for line in test.report().splitlines() if "/2/dm_events" in line]
    assert "direct_messages, direct_messages_sent" in line


def test_engagement_is_tested_for_nothing(sandbox: Sandbox, config: dict[str, Any]) -> None:
    test = checked(config, ENGAGEMENT)
    assert test.is_passed, test.report()
    assert len(sandbox.requests) == 3
    assert sandbox.bill.total.gross_objects == 0
    assert test.most_usd == 0


def test_without_a_catalog_what_is_not_configured_is_no_failure_but_credentials_are_tested(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    config["users_lookup"].pop("input_dataset_id")
    test = checked(config)
    assert results(test)["users_lookup", ""] == NOT_CONFIGURED
    assert test.is_passed
    assert {entry.path for entry in sandbox.requests} == {"/2/users", "/2/users/by"}
    sandbox.tokens.revoke(OWNER.access_token)
    assert not checked(config).is_passed


def test_without_a_catalog_the_test_says_what_it_leaves_out(config: dict[str, Any]) -> None:
    first, second, third = TapTwitter(config=config).test().announcement().splitlines()
    assert first.startswith("This test makes ")
    assert second == (
        "There is no catalog, so only the streams selected by default are tested: 'users_lookup'."
    )
    assert "meltano select PLUGIN --list" in third


def test_what_a_catalog_selects_has_to_be_configured(config: dict[str, Any]) -> None:
    config["users_lookup"].pop("input_dataset_id")
    test = checked(config, LOOKUP)
    assert not test.is_passed
    (need,) = needs(test)
    assert "'users_lookup.input_dataset_id' is missing" in need


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"users_lookup": {"input_dataset_id": "nobody"}}, "nobody"),
        ({"store": "s3://nowhere/datasets"}, "no keys for S3"),
        ({"users_lookup": {"input_dataset_id": "people", "id_columns": ["whom"]}}, "whom"),
    ],
    ids=["dataset", "store", "column"],
)
def test_inputs_are_checked_without_a_request(
    sandbox: Sandbox, config: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    config |= change
    test = checked(config, LOOKUP)
    assert not test.is_passed
    assert any(said in need for need in needs(test))
    assert len(sandbox.requests) == 0


def test_credentials_that_x_refuses_fail_with_the_hint(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    sandbox.tokens.revoke(OWNER.access_token)
    test = checked(config, [*LOOKUP, *MESSAGES])
    assert not test.is_passed
    assert len(list(needs(test))) == 3
    assert all("'auth'" in need for need in needs(test))


def test_permissions_are_told_account_by_account(sandbox: Sandbox, config: dict[str, Any]) -> None:
    """The second user has granted no access to messages; the third is asked for with the app."""
    config["accounts"] = [
        {"name": "us", "id": OWNER.user_id},
        account_of(SECOND_USER, name="second"),
    ]
    test = checked(config, MESSAGES)
    found = results(test)
    assert (found["/2/dm_events", "us"], found["/2/dm_events", "second"]) == (OK, FAILED)
    assert sandbox.bill.total.gross_objects == 1


def test_one_login_of_several_accounts_is_tested_once(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    config["accounts"] = [{"name": "us", "id": OWNER.user_id}, {"username": "founder"}]
    test = checked(config, ["account_insights", *MESSAGES])
    who, *asked = [entry.path for entry in sandbox.requests]
    assert who == "/2/users/by"  # whose messages are private
    passed = [check for check in test.checks if check.result != OK]
    assert [(each.subject.name, each.result) for each in passed if each.subject] == [
        ("founder", SKIPPED)
    ]
    checks = [check.endpoint for check in test.checks if check.result == OK]
    assert [each.template for each in checks if each] == asked
    for check in test.checks:
        names = [stream.name for stream in check.streams]
        assert sorted(set(names)) == sorted(names)
    assert len(set(asked)) == len(asked)


def test_the_same_need_is_written_out_once(sandbox: Sandbox, config: dict[str, Any]) -> None:
    sandbox.tokens.revoke(OWNER.access_token)
    report = checked(config, [*LOOKUP, *MESSAGES]).report()
    assert report.count("'auth.access_token_secret'") == 1
    assert report.count("same as above") == 2


def test_x_out_of_reach_is_found_out_once(config: dict[str, Any]) -> None:
    config["api"]["base_url"] = "http://127.0.0.1:1"
    tap = TapTwitter(config=config, catalog=selecting(config, [*LOOKUP, *MESSAGES]))
    tap.run_context.clock = clock = SkippingClock()
    test = tap.test()
    test.run()
    asked = {check.result for check in test.checks if check.endpoint}
    assert asked == {FAILED, NOT_TESTED}
    assert len(clock.skipped) == SOMEBODY_WAITS.tries - 1
    (need,) = needs(test)
    assert "http://127.0.0.1:1" in need


def test_app_only_credentials_are_refused_before_x_is_asked(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    config |= {"auth": APP_AUTH, "accounts": [{"name": "news", "id": NEWS.user_id}]}
    test = checked(config, MESSAGES)
    assert not test.is_passed
    assert len(sandbox.requests) == 0
    assert len(list(needs(test))) == len(MESSAGES)
    for need in needs(test):
        assert "no account has credentials of its own" in need
        assert "`tap-twitter-accounts connect`" in need


def test_accounts_of_the_same_credentials_are_asked_for_once(
    sandbox: Sandbox, config: dict[str, Any]
) -> None:
    accounts = [{"id": each} for each in sandbox.world.sample_ids(5, "found")]
    config |= {"auth": APP_AUTH, "accounts": accounts}
    test = checked(config, ["engagement_totals"])
    assert test.is_passed, test.report()
    assert [entry.path for entry in sandbox.requests if "oauth" not in entry.path] == [
        "/insights/engagement/totals"
    ]


def test_a_budget_holds_for_the_test(sandbox: Sandbox, config: dict[str, Any]) -> None:
    test = checked(config | {"budget": {"max_cost_usd": 0.005}}, [*LOOKUP, *MESSAGES])
    assert sorted(results(test).values()) == [*[NOT_TESTED] * 2, *[OK] * 4]
    assert sandbox.bill.total.gross_objects == 0
    assert "ran passed, but some did not run" in test.report()


def test_used_up_credits_are_told(sandbox: Sandbox, config: dict[str, Any]) -> None:
    sandbox.faults.add("credits_depleted", count=None)
    test = checked(config, LOOKUP)
    assert set(needs(test)) == {
        "the credits of this X account are used up; buy credits in the developer console "
        "(HTTP 402)."
    }


@pytest.mark.parametrize("fails", [False, True], ids=["all pass", "one fails"])
def test_what_needs_no_request_has_one_row_for_all_streams_that_pass(
    config: dict[str, Any], fails: bool
) -> None:
    broken = config | {"users_lookup": {"input_dataset_id": "nobody"}} if fails else config
    test = checked(broken, [*LOOKUP, *MESSAGES, "mentions"])
    passing = [*MESSAGES, "mentions"] if fails else [*LOOKUP, *MESSAGES, "mentions"]
    about = [check for check in test.checks if check.endpoint is None]
    assert [(check.result, {each.name for each in check.streams}) for check in about] == [
        (OK, {*passing}),
        *([(FAILED, {*LOOKUP})] * fails),
    ]
    assert sum("settings and inputs" in line for line in test.report().splitlines()) == 1 + fails


@pytest.mark.pipeline
@pytest.mark.parametrize("order", [("--test", "--config"), ("--config", "--test")], ids=" ".join)
def test_the_command_prints_a_table_and_fails_where_something_does(
    sandbox: Sandbox, config: dict[str, Any], tmp_path: Path, order: tuple[str, str]
) -> None:
    catalog, path = tmp_path / "catalog.json", tmp_path / "config.json"
    catalog.write_text(json.dumps(selecting(config, [*LOOKUP, *MESSAGES])))
    path.write_text(json.dumps(config))
    words: dict[str, list[str | Path]] = {"--test": ["--test"], "--config": ["--config", path]}
    arguments = [word for name in order for word in words[name]]
    done = run(BIN / "tap-twitter", *arguments, "--catalog", catalog)
    assert done.returncode == 0, done.stderr
    first, _, *table = done.stdout.splitlines()
    assert first == "This test makes 3 requests and costs at most 0.020 USD."
    assert done.stdout.splitlines()[-1].startswith("All checks passed.")
    assert "There is no catalog" not in done.stdout
    sandbox.tokens.revoke(USER_AUTH["access_token"])
    failed = run(BIN / "tap-twitter", *arguments, "--catalog", catalog)
    assert failed.returncode == 1
    assert "Some checks failed." in failed.stdout
    assert "Traceback" not in failed.stderr
    assert table


@pytest.mark.pipeline
def test_schemas_alone_ask_x_nothing(
    sandbox: Sandbox, config: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    done = run(BIN / "tap-twitter", "--config", path, "--test=schema")
    assert done.returncode == 0, done.stderr
    assert {json.loads(line)["type"] for line in done.stdout.splitlines()} == {"SCHEMA"}
    assert len(sandbox.requests) == 0
