"""`python -m contract`, against a small spec of its own; X's specs are used where they are at hand."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from contract import findings
from contract.__main__ import main
from contract.differences import Difference, table
from contract.exchanges import Exchange, Request, drive
from contract.findings import Finding
from contract.report import Report
from contract.runs import log
from contract.samples import representative
from contract.schemas import closed
from contract.spec import Spec

from sandbox import running
from sandbox.application import ENDPOINTS
from sandbox.x.counts import ENDPOINTS as COUNTED

if TYPE_CHECKING:
    from sandbox import Sandbox

ABOUT_BLANK = {"title": "Not Found", "type": "about:blank", "status": 404}
SPEC: dict[str, Any] = {
    "info": {"version": "1.0"},
    "paths": {
        "/2/users": {
            "get": {
                "security": [{"BearerToken": []}, {"OAuth2UserToken": ["users.read"]}],
                "parameters": [
                    {
                        "name": "ids",
                        "in": "query",
                        "required": True,
                        "schema": {
                            "type": "array",
                            "maxItems": 2,
                            "items": {"$ref": "#/components/schemas/Id"},
                        },
                    },
                    {"$ref": "#/components/parameters/UserFields"},
                    {"name": "max_results", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Found"}}
                        }
                    }
                },
            }
        },
        "/2/users/{id}/tweets": {
            "get": {
                "security": [],
                "responses": {"200": {"content": {"application/json": {"schema": {}}}}},
            }
        },
    },
    "components": {
        "parameters": {
            "UserFields": {
                "name": "user.fields",
                "in": "query",
                "schema": {
                    "type": "array",
                    "items": {"type": "string", "enum": ["id", "name", "username"]},
                },
            }
        },
        "schemas": {
            "Id": {"type": "string", "pattern": "^[0-9]{1,19}$"},
            "Named": {"type": "object", "required": ["name"], "properties": {"name": {}}},
            "User": {
                "allOf": [
                    {"$ref": "#/components/schemas/Named"},
                    {
                        "type": "object",
                        "required": ["id"],
                        "properties": {
                            "id": {"$ref": "#/components/schemas/Id"},
                            "username": {"type": "string", "nullable": True},
                        },
                    },
                ]
            },
            "Found": {
                "type": "object",
                "properties": {
                    "data": {"type": "array", "items": {"$ref": "#/components/schemas/User"}},
                    "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
                },
            },
            "Problem": {
                "type": "object",
                "required": ["type", "title"],
                "properties": {"title": {}, "type": {}, "status": {"type": "integer"}},
                "discriminator": {
                    "propertyName": "type",
                    "mapping": {
                        "about:blank": "#/components/schemas/Blank",
                        "https://api.x.com/2/problems/gone": "#/components/schemas/Gone",
                    },
                },
            },
            "Blank": {"allOf": [{"$ref": "#/components/schemas/Problem"}]},
            "Gone": {
                "type": "object",
                "properties": {
                    "title": {},
                    "type": {"enum": ["https://api.x.com/2/problems/gone"]},
                },
            },
            "Error": {"type": "object", "required": ["code"], "properties": {"code": {}}},
        },
    },
}


@pytest.fixture
def spec() -> Spec:
    return Spec(json.loads(json.dumps(SPEC)))


def rules(found: set[Finding]) -> set[tuple[str, str]]:
    return {(finding.rule, finding.place) for finding in found}


REQUESTS: dict[str, tuple[Request, set[tuple[str, str]]]] = {
    "right": (Request("/2/users", {"ids": "1,2", "user.fields": "name"}, "app_only"), set()),
    "missing": (Request("/2/users", {}, "app_only"), {("required", "ids")}),
    "too-many": (Request("/2/users", {"ids": "1,2,3"}, "app_only"), {("maxItems", "ids")}),
    "not-an-id": (Request("/2/users", {"ids": "1,x"}, "app_only"), {("pattern", "ids/*")}),
    "not-a-field": (
        Request("/2/users", {"ids": "1", "user.fields": "name,shoe"}, "oauth2"),
        {("enum", "user.fields/*")},
    ),
    "not-a-number": (
        Request("/2/users", {"ids": "1", "max_results": "few"}, "app_only"),
        {("type", "max_results")},
    ),
    "not-a-parameter": (
        Request("/2/users", {"ids": "1", "shoe": "9"}, "app_only"),
        {("undeclared", "shoe")},
    ),
    "not-that-token": (Request("/2/users", {"ids": "1"}, "oauth1"), {("credential", "oauth1")}),
}


@pytest.mark.parametrize(("request_", "expected"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_is_held_against_the_spec(
    spec: Spec, request_: Request, expected: set[tuple[str, str]]
) -> None:
    operation = spec.operation("GET", "/2/users")
    assert operation is not None
    assert rules(findings.of_request(spec, operation, request_)) == expected


USER = {"id": "1", "name": "A"}
GONE = {"title": "Gone", "type": "https://api.x.com/2/problems/gone"}
ANSWERS: dict[str, tuple[int, Any, set[tuple[str, str]]]] = {
    "right": (200, {"data": [USER | {"username": None}], "errors": [ABOUT_BLANK]}, set()),
    "key-missing": (200, {"data": [{"id": "1"}]}, {("required", "data/*")}),
    "key-unknown": (200, {"data": [USER | {"shoe": 9}]}, {("undeclared", "data/*/shoe")}),
    "wrong-type": (200, {"data": [USER | {"id": 1}]}, {("type", "data/*/id")}),
    "tag": (200, {"errors": [GONE]}, set()),
    "tag-of-another-host": (
        200,
        {"errors": [GONE | {"type": "https://api.twitter.com/2/problems/gone"}]},
        {("enum", "errors/*/type")},
    ),
    "tag-unknown": (200, {"errors": [GONE | {"type": "x"}]}, {("discriminator", "errors/*")}),
    "by-its-tag": (
        200,
        {"errors": [GONE | {"status": 1}]},
        {("undeclared", "errors/*/status")},
    ),
    "other-status": (404, ABOUT_BLANK, {("status", "")}),
    "not-a-problem": (500, {"errors": []}, {("status", ""), ("required", ""), ("undeclared", "errors")}),
}  # fmt: skip


@pytest.mark.parametrize(("status", "body", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_held_against_the_spec(
    spec: Spec, status: int, body: Any, expected: set[tuple[str, str]]
) -> None:
    operation = spec.operation("GET", "/2/users")
    assert operation is not None
    exchange = Exchange(Request("/2/users"), status, body)
    assert rules(findings.of_answer(spec, operation, exchange)) == expected


def test_objects_that_are_open_on_purpose_stay_open() -> None:
    schema = {"properties": {"a": {}}, "additionalProperties": {"properties": {"b": {}}}}
    assert closed(schema, {})["additionalProperties"] == {
        "properties": {"b": {}},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    ("method", "path", "known"),
    [
        ("GET", "/2/users", True),
        ("POST", "/2/users", False),
        ("GET", "/2/user", False),
        ("GET", "/2/users/12/tweets", True),
        ("GET", "/2/users/12/34/tweets", False),
    ],
)
def test_a_spec_knows_its_paths(spec: Spec, method: str, path: str, known: bool) -> None:
    assert (spec.operation(method, path) is not None) is known


def entry(**change: Any) -> dict[str, Any]:
    """A line of a sandbox's log."""
    plain = {
        "method": "GET",
        "path": "/2/users",
        "params": {"ids": "12"},
        "credential": "app_only",
        "status": 200,
    }
    return plain | change


def test_recorded_requests_that_fit_are_asked_again(spec: Spec) -> None:
    report = Report(known=())
    entries = [
        entry(),
        entry(params={"ids": "13"}),
        entry(params={"ids": "12", "user.fields": "name"}),
    ]
    log([spec], entries, report)
    # three requests, and one answer for each of their two shapes
    assert list(report.lines()) == ["recorded GET /2/users    1.0          5 checked  ok"]
    assert report.is_clean


@pytest.mark.parametrize(
    "change",
    [{"params": {"ids": "12", "shoe": "9"}}, {"credential": "oauth1"}, {"params": {}}],
    ids=["parameter", "credential", "nothing"],
)
def test_a_recorded_request_that_fits_no_spec_fails(spec: Spec, change: dict[str, Any]) -> None:
    report = Report(known=())
    log([spec], [entry(**change)], report)
    assert not report.is_clean
    assert "recorded GET /2/users fits no spec" in "\n".join(report.lines())


@pytest.mark.parametrize(
    "change",
    [{"method": "POST"}, {"path": "/2/shoes"}],
    ids=["method", "path"],
)
def test_a_recorded_request_that_no_spec_knows_fails(spec: Spec, change: dict[str, Any]) -> None:
    report = Report(known=())
    log([spec], [entry(**change)], report)
    assert not report.is_clean
    assert "is in no spec" in "\n".join(report.lines())


def test_what_the_specs_leave_out_is_told(spec: Spec) -> None:
    report = Report(known=())
    log([spec], [entry(method="POST", path="/2/oauth2/token", credential="none")] * 2, report)
    (line,) = report.lines()
    assert "recorded POST /2/oauth2/token not checked: 2 requests; logins by OAuth 2.0" in line
    assert report.is_clean


def test_requests_without_a_credential_are_not_asked_again(spec: Spec) -> None:
    report = Report(known=())
    log([spec], [entry(credential="none")], report)
    assert list(report.lines()) == []


def test_the_documentation_shows_every_known_difference() -> None:
    text = (Path(__file__).parents[2] / "docs" / "contract.md").read_text()
    assert table() in text, "docs/contract.md: put in what `python -m contract --table` prints"


KNOWN = Difference("shoes", "everybody has them", ("1.0",), ("answer undeclared *shoe: *",))
SHOE = Finding("answer", "undeclared", "data/*/shoe", "is not in the schema")
HAT = Finding("answer", "undeclared", "data/*/hat", "is not in the schema")


@pytest.mark.parametrize(
    ("found", "version", "is_clean", "said"),
    [
        ([SHOE], "1.0", True, "everybody has them"),
        ([SHOE, HAT], "1.0", False, "answer undeclared data/*/hat"),
        ([], "1.0", False, "NEVER MET: shoes"),
        ([], "2.0", True, "ok"),
        ([SHOE], "2.0", False, "1 DIFFER"),
    ],
    ids=["explained", "unexplained", "stale", "of-another-spec", "explained-elsewhere"],
)
def test_only_known_differences_pass(
    found: list[Finding], version: str, is_clean: bool, said: str
) -> None:
    report = Report(known=[KNOWN])
    report.add("GET /2/users", version, 1, found)
    assert report.is_clean is is_clean
    assert said in "\n".join(report.lines())


def test_a_parameter_without_a_sample_is_named(sandbox: Sandbox, spec: Spec) -> None:
    operation = spec.operation("GET", "/2/users")
    assert operation is not None
    operation.parameters["shoe"] = {"required": True, "schema": {}}
    with pytest.raises(LookupError, match="No sample is known for shoe"):
        representative(sandbox, ENDPOINTS[0], operation)


def test_a_credential_that_is_not_taken_is_refused_and_one_choice_is_made(
    spec: Spec,
) -> None:
    operation = spec.operation("GET", "/2/users")
    assert operation is not None
    asked = replace(
        operation,
        parameters={"query": {"required": True, "schema": {}}},
        security={"BearerToken": []},
    )
    with running(vocabulary="tweet") as sandbox:
        requests = representative(sandbox, COUNTED[0], asked)
        answers = [drive(sandbox, request) for request in requests]
    assert {request.params.get("granularity") for request in requests} == {None, "day"}
    refused = {r.credential for r in requests if r.expected == (403,) and not r.fault}
    assert refused == {"oauth1", "oauth2"}
    assert [each for each in answers if each.status not in each.request.expected] == []


@pytest.mark.parametrize("there", [True, False], ids=["empty-folder", "no-folder"])
def test_without_specs_it_says_so(tmp_path: Path, there: bool) -> None:
    arguments = ["--specs", str(tmp_path)] if there else []
    done = CliRunner(env={"X_OPENAPI_DIR": ""}).invoke(main, arguments)
    assert done.exit_code == 0
    assert "Nothing was checked" in done.output


@pytest.mark.parametrize("text", ["{}", "[]", "nothing"])
def test_a_file_that_is_no_spec_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "odd.json").write_text(text)
    done = CliRunner().invoke(main, ["--specs", str(tmp_path)])
    assert done.exit_code == 1
    assert "odd.json is not an OpenAPI document" in done.output


def test_a_spec_that_the_sandbox_leaves_is_a_failure(tmp_path: Path) -> None:
    specs, log_file = tmp_path / "specs", tmp_path / "requests.json"
    specs.mkdir()
    (specs / "small.json").write_text(json.dumps(SPEC))
    log_file.write_text(json.dumps([entry()]))
    done = CliRunner().invoke(main, ["--specs", str(specs), "--requests", str(log_file)])
    assert done.exit_code == 1
    assert "GET /2/users/by" in done.output
    assert "not checked: spec 1.0 does not know it" in done.output
    assert "recorded GET /2/users" in done.output
    assert "request credential oauth1: is not taken here" in done.output


def test_the_oauth_endpoints_are_left_out_only_while_the_spec_does(tmp_path: Path) -> None:
    grown = json.loads(json.dumps(SPEC))
    grown["paths"]["/2/oauth2/token"] = {}
    specs, log_file = tmp_path / "specs", tmp_path / "requests.json"
    specs.mkdir()
    (specs / "grown.json").write_text(json.dumps(grown))
    log_file.write_text("[]")
    done = CliRunner().invoke(main, ["--specs", str(specs), "--requests", str(log_file)])
    assert "11 OAuth paths" in done.output
    assert "spec 1.0 knows /2/oauth2/token: have it checked" in done.output


@pytest.mark.skipif(not os.environ.get("X_OPENAPI_DIR"), reason="X's specs are not here")
def test_the_sandbox_keeps_to_xs_own_specs() -> None:
    done = CliRunner().invoke(main, [])
    assert done.exit_code == 0, done.output
