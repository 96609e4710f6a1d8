"""Stats jobs: states, polling, files, limits and refusals."""

from __future__ import annotations

import gzip
import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import requests
from test_sandbox.ads.conftest import STATS, AskAds, all_pages, codes, metrics, organic, stats

from sandbox.ads.accounts import FOUNDERS
from sandbox.ads.jobs import FILES

if TYPE_CHECKING:
    from sandbox import Sandbox

QUARTER: dict[str, Any] = {"start_time": "2026-08-22", "end_time": "2026-11-20"}
JOBS = f"stats/jobs/accounts/{FOUNDERS.id}"


@pytest.fixture
def queue(ask: AskAds) -> Any:
    def run(**params: Any) -> requests.Response:
        return ask(JOBS, "POST", **{**STATS, **QUARTER, "entity_ids": "1", **params})

    return run


def test_a_jobs_file_holds_what_the_synchronous_endpoint_says(
    sandbox: Sandbox, ask: AskAds, queue: Any
) -> None:
    ids = ",".join(post["tweet_id"] for post in organic(ask, FOUNDERS)[:20])
    made = queue(entity_ids=ids).json()["data"]
    assert "id_str" not in made
    sandbox.ads.set(job_polls=2)
    looks = [ask(JOBS, job_ids=made["id"]).json()["data"][0] for _ in range(4)]
    assert [look["status"] for look in looks] == ["PROCESSING", "PROCESSING", "SUCCESS", "SUCCESS"]
    assert [look["url"] is None for look in looks] == [True, True, False, False]

    answer = requests.get(looks[-1]["url"], timeout=10)
    assert answer.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in answer.headers
    body = json.loads(gzip.decompress(answer.content))
    week = {"start_time": "2026-11-01", "end_time": "2026-11-08"}
    at_once = stats(ask, FOUNDERS, entity_ids=ids, **week)
    first = (date(2026, 11, 1) - date(2026, 8, 22)).days
    for place in range(20):
        for name, series in metrics(body, place).items():
            expected = (series or [0] * 90)[first : first + 7]
            assert (metrics(at_once, place)[name] or [0] * 7) == expected
    sandbox.clock.advance(48 * 3600)
    assert requests.get(looks[-1]["url"], timeout=10).status_code == 404


def test_jobs_are_found_again_by_listing_them(sandbox: Sandbox, ask: AskAds, queue: Any) -> None:
    made = []
    for _ in range(5):
        made.append(queue().json()["data"]["id"])
        sandbox.clock.advance(1)
    assert [job["id"] for job in all_pages(ask, JOBS, count="2")] == made[::-1]
    two = ask(JOBS, job_ids=",".join(made[:2])).json()["data"]
    assert {job["id"] for job in two} == set(made[:2])


def test_only_so_many_jobs_run_at_a_time(sandbox: Sandbox, ask: AskAds, queue: Any) -> None:
    sandbox.ads.set(concurrent_jobs=2)
    answers = [queue() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    left = [answer.headers["x-concurrent-job-limit-remaining"] for answer in answers]
    assert left == ["1", "0", "0"]
    canceled = ask(f"{JOBS}/{answers[0].json()['data']['id']}", "DELETE").json()["data"]
    assert canceled["status"] == "CANCELLED"
    assert queue().status_code == 200


@pytest.mark.parametrize("outcome", ["FAILED", "CANCELLED"])
def test_jobs_may_end_without_a_file(
    sandbox: Sandbox, ask: AskAds, queue: Any, outcome: str
) -> None:
    sandbox.ads.set(job_outcome=outcome, job_polls=0)
    queue()
    (job,) = ask(JOBS).json()["data"]
    assert (job["status"], job["url"]) == (outcome, None)


def test_ids_of_jobs_come_in_three_forms(sandbox: Sandbox, ask: AskAds, queue: Any) -> None:
    made = queue().json()["data"]["id"]
    sandbox.ads.set(job_ids="number")
    assert ask(JOBS).json()["data"][0]["id"] == int(made)
    sandbox.ads.set(job_ids="with_id_str")
    assert ask(JOBS).json()["data"][0]["id_str"] == made


def test_there_are_no_files_at_the_apis_own_hosts(sandbox: Sandbox) -> None:
    headers = {"Host": "ads-api.x.com"}
    answer = requests.get(f"{sandbox.url}{FILES}x.json.gz", headers=headers, timeout=10)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("served", "sync", "queued"),
    [("both", 200, 200), ("sync", 200, 400), ("async", 400, 200), ("none", 400, 400)],
)
def test_organic_stats_may_be_refused(
    sandbox: Sandbox, ask: AskAds, queue: Any, served: str, sync: int, queued: int
) -> None:
    sandbox.ads.set(organic_stats=served)
    span = {"start_time": "2026-11-01", "end_time": "2026-11-08"}
    at_once = ask(f"stats/accounts/{FOUNDERS.id}", **{**STATS, **span, "entity_ids": "1"})
    assert (at_once.status_code, queue().status_code) == (sync, queued)
    if sync == 400:
        assert codes(at_once) == [("INVALID_PARAMETER", "entity")]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"start_time": "2026-08-21"}, 400),
        ({"segmentation_type": "GENDER"}, 400),
        ({"entity": "CAMPAIGN", "segmentation_type": "GENDER"}, 400),
        ({"entity": "CAMPAIGN", "segmentation_type": "GENDER", "start_time": "2026-10-06"}, 200),
    ],
    ids=["90 days", "91 days", "organic by segment", "90 days by segment", "45 days by segment"],
)
def test_jobs_are_longer_than_what_comes_at_once(
    queue: Any, changes: dict[str, str], status: int
) -> None:
    assert queue(**changes).status_code == status
