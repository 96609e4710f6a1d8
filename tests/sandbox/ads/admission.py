"""Who is let in to the Ads API: hosts, signatures, the app's access, ads accounts and rate limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.ads.limits import Limit
from sandbox.ads.refusals import Fault, Refusal, refused
from sandbox.x import authentication
from sandbox.x.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from sandbox import faults as faults_of_sandbox
    from sandbox.ads.accounts import AdsAccount
    from sandbox.state import Sandbox
    from sandbox.tokens import Credential

LIVE_HOSTS: Final = frozenset({"ads-api.x.com", "ads-api.twitter.com"})
TEST_HOSTS: Final = frozenset({"ads-api-sandbox.x.com", "ads-api-sandbox.twitter.com"})
FILE_HOST: Final = "ton.twimg.com"
HOSTS: Final = LIVE_HOSTS | TEST_HOSTS | {FILE_HOST}
_TOTAL_COUNT: Final = Limit("with_total_count", 200)
_ADS_SCOPE: Final = "ads.read"


def host(request: Request) -> str:
    """The host that a request names."""
    return request.headers.get("host", "")


def admit(
    sandbox: Sandbox, request: Request, *, is_creative: bool
) -> tuple[Credential, AdsAccount | None]:
    """Who asks, and the ads account that the path names; None where it names none.

    Raises:
        Refusal: 401, 403 or 404, if the request is not let in.
    """
    _check_host(sandbox, request)
    credential = _authenticated(sandbox, request)
    request.state.credential = credential
    _check_app(sandbox, is_creative=is_creative)
    return credential, _account(sandbox, request, credential)


def _check_host(sandbox: Sandbox, request: Request) -> None:
    own = urlsplit(sandbox.url)
    if host(request) not in LIVE_HOSTS | TEST_HOSTS | {own.netloc, f"localhost:{own.port}"}:
        raise refused(404, "ROUTE_NOT_FOUND")


def _authenticated(sandbox: Sandbox, request: Request) -> Credential:
    """Who asks.

    Raises:
        Refusal: 401, also where `,` or `:` stands in the query as it is, since X signs `%2C` and
            `%3A`; 403 for a suspended user.
    """
    if {",", ":"} & set(request.url.query):
        raise refused(401)
    try:
        credential = authentication.authenticate(sandbox, request)
    except Problem as problem:
        code = "CURRENT_USER_SUSPENDED" if problem.status == 403 else ""
        raise refused(problem.status, code) from None
    takes_oauth2 = sandbox.ads.switches.oauth2 and _ADS_SCOPE in credential.scopes
    if credential.kind == "app_only" or (credential.kind == "oauth2" and not takes_oauth2):
        raise refused(401)
    return credential


def _check_app(sandbox: Sandbox, *, is_creative: bool) -> None:
    access = sandbox.ads.switches.app_access
    if access == "none" or (access == "analytics" and is_creative):
        raise refused(403, "UNAUTHORIZED_CLIENT_APPLICATION")


def _account(sandbox: Sandbox, request: Request, credential: Credential) -> AdsAccount | None:
    account_id = request.path_params.get("account_id")
    if account_id is None:
        return None
    seen = (each for each in sandbox.ads.accounts if credential.user_id in each.permissions)
    found = next((each for each in seen if each.id == account_id), None)
    if found is None:
        message = f"Account ({account_id}) not found"
        raise Refusal(403, [Fault("ACCOUNT_NOT_FOUND", message)])
    return found


def count(
    sandbox: Sandbox,
    request: Request,
    limit: Limit,
    faults: Sequence[faults_of_sandbox.Fault],
    headers: dict[str, str],
) -> None:
    """Count the request.

    Raises:
        Refusal: 429, if there were too many.
    """
    ads = sandbox.ads
    totals = request.query_params.get("with_total_count") == "true"
    limit = _TOTAL_COUNT if totals else limit
    user_id = request.state.credential.user_id
    account_id = request.path_params.get("account_id")
    by_account = ads.switches.account_limits
    if any(fault.canned and fault.canned.exhausts_window for fault in faults):
        ads.limits.exhaust(limit, user_id, account_id, by_account=by_account)
    admission = ads.limits.take(limit, user_id, account_id, by_account=by_account)
    headers |= admission.headers
    if not admission.granted and not any(fault.canned for fault in faults):
        raise refused(429)
