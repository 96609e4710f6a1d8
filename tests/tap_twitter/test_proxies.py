"""A network in which X is only reached by a proxy that opens TLS."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from support.organic import WORLD, OrganicRuns
from support.tls_proxy import TlsProxy, proxying

from sandbox.ads.accounts import NORTHWIND

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox import Sandbox

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes certificates")


@pytest.fixture(scope="module")
def sandbox_options() -> dict[str, Any]:
    return WORLD


@pytest.fixture
def proxy(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsProxy]:
    with proxying(sandbox.url, tmp_path) as running:
        for name in ("http_proxy", "https_proxy", "no_proxy", "NO_PROXY", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", running.url)
        yield running


@pytest.fixture
def runs(sandbox: Sandbox, tmp_path: Path) -> OrganicRuns:
    runs = OrganicRuns(sandbox, tmp_path)
    del runs.config["api"]  # X's own addresses
    return runs


def test_x_is_reached_by_the_proxy_if_its_authority_is_trusted(
    proxy: TlsProxy, runs: OrganicRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(proxy.authority))
    runs.run("account_history", NORTHWIND.id)
    assert [row["id"] for row in runs.rows("account_history")] == [NORTHWIND.id]
    assert set(proxy.asked) == {"ads-api.x.com:443"}


def test_an_authority_that_is_not_trusted_is_named(proxy: TlsProxy, runs: OrganicRuns) -> None:
    test = runs.tap("account_history").test()
    test.run()
    (need,) = {check.need for check in test.checks if check.result == "failed"}
    assert "REQUESTS_CA_BUNDLE" in need
    assert proxy.asked
    assert not runs.sandbox.requests


def test_a_proxy_that_does_not_answer_is_named(
    proxy: TlsProxy, runs: OrganicRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    test = runs.tap("account_history").test()
    test.run()
    (need,) = {check.need for check in test.checks if check.result == "failed"}
    assert "HTTPS_PROXY" in need
    assert not proxy.asked
