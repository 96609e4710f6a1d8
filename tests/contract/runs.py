"""What is held against the specs: each endpoint of a sandbox, and a sandbox's log."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from contract import findings
from contract.differences import reason_outside
from contract.exchanges import Exchange, Request, drive
from contract.samples import recorded, representative
from sandbox import running
from sandbox.application import ENDPOINTS, OAUTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from contract.findings import Finding
    from contract.report import Report
    from contract.spec import Operation, Spec
    from sandbox import Sandbox


def endpoints(spec: Spec, report: Report) -> None:
    """Ask every endpoint of a sandbox that speaks a spec's vocabulary."""
    with _speaking(spec) as sandbox:
        for endpoint in ENDPOINTS:
            subject = f"GET {endpoint.path}"
            operation = spec.operation("GET", endpoint.path)
            if operation is None:
                report.skip(subject, f"spec {spec.version} does not know it")
                continue
            exchanges = [
                drive(sandbox, request) for request in representative(sandbox, endpoint, operation)
            ]
            found = _findings(spec, operation, exchanges)
            report.add(subject, spec.version, len(exchanges), sorted(found))
        _oauth(spec, sandbox, report)


def _oauth(spec: Spec, sandbox: Sandbox, report: Report) -> None:
    """Say that the specs leave the OAuth endpoints out, as long as they do."""
    paths = {route.path for module in OAUTH for route in module.routes(sandbox)}
    report.skip(f"{len(paths)} OAuth paths", f"spec {spec.version} does not know them")
    for path in sorted(paths & spec.paths):
        report.fail(f"spec {spec.version} knows {path}: have it checked")


def log(specs: Sequence[Spec], entries: Iterable[Mapping[str, Any]], report: Report) -> None:
    """Check every recorded request; each must fit one spec, and is asked again there once per shape."""
    kept = list(entries)
    _left_out(specs, kept, report)
    requests = defaultdict(list)
    for request in recorded(kept):
        templates = (spec.template("GET", request.path) for spec in specs)
        if template := next(filter(None, templates), None):
            requests[template].append(request)
    for path, recorded_here in requests.items():
        fitting = {spec: _fitting(spec, recorded_here) for spec in specs}
        for spec, fit in fitting.items():
            _ask_again(spec, path, fit, report)
        for request in recorded_here:
            if not any(request in fit for fit in fitting.values()):
                reasons = {str(f) for spec in specs for f in _about(spec, request)}
                report.fail(f"recorded GET {path} fits no spec: {'; '.join(sorted(reasons))}")


def _left_out(specs: Sequence[Spec], entries: Iterable[Mapping[str, Any]], report: Report) -> None:
    """Say which requests no spec knows; nothing else may be asked that none of them has."""
    asked = Counter((entry["method"], entry["path"]) for entry in entries)
    for (method, path), count in sorted(asked.items()):
        if any(spec.operation(method, path) for spec in specs):
            continue
        subject = f"recorded {method} {path}"
        if reason := reason_outside(path):
            report.skip(subject, f"{count} requests; {reason}")
        else:
            report.fail(f"{subject} is in no spec")


def _speaking(spec: Spec) -> AbstractContextManager[Sandbox]:
    return running(vocabulary=spec.vocabulary, limit_scale=1000)


def _about(spec: Spec, request: Request) -> set[Finding]:
    operation = spec.operation("GET", request.path)
    if operation is None:
        return {findings.Finding("request", "undeclared", request.path, "is no path")}
    return findings.of_request(spec, operation, request)


def _fitting(spec: Spec, requests: Iterable[Request]) -> list[Request]:
    return [request for request in requests if not _about(spec, request)]


def _ask_again(spec: Spec, path: str, requests: Sequence[Request], report: Report) -> None:
    """Drive one request of each shape: those that differ in what they ask for, not whom."""
    operation = spec.operation("GET", path)
    if operation is None or not requests:
        return
    shapes = {
        (
            request.credential,
            *(
                (n, v)
                for n, v in request.params.items()
                if not operation.parameters[n].get("required")
            ),
        ): request
        for request in requests
        if request.expected == (200,)
    }
    with _speaking(spec) as sandbox:
        exchanges = [drive(sandbox, request) for request in shapes.values()]
    found = _findings(spec, operation, exchanges)
    report.add(f"recorded GET {path}", spec.version, len(requests) + len(exchanges), sorted(found))


def _findings(spec: Spec, operation: Operation, exchanges: Iterable[Exchange]) -> set[Finding]:
    found: set[Finding] = set()
    for exchange in exchanges:
        found |= findings.of_answer(spec, operation, exchange)
        if not exchange.request.is_wrong:
            found |= findings.of_request(spec, operation, exchange.request)
    return found
