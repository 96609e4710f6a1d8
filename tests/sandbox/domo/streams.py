"""The Stream API: `/v1/streams`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from sandbox.domo import datasets
from sandbox.domo.columns import misfit
from sandbox.domo.csv_dialect import parse
from sandbox.domo.refusals import Refusal

if TYPE_CHECKING:
    from starlette.routing import Route

    from sandbox.domo.endpoint import Call, Door
    from sandbox.domo.executions import Execution, Stream

PAGE: Final = 50
MOST: Final = 500
_METHODS: Final = ("REPLACE", "APPEND", "UPSERT")
_KEYS: Final = ("keyColumnNames", "keyColumnName")


def routes(door: Door) -> list[Route]:
    """All endpoints."""
    streams, one = "/v1/streams", "/v1/streams/{stream}"
    executions = f"{one}/executions"
    execution = f"{executions}/{{execution}}"
    return [
        # pydomo ends them with a slash
        *(door.route("POST", f"{streams}{end}", _create) for end in ("", "/")),
        *(door.route("GET", f"{streams}{end}", _list) for end in ("", "/")),
        door.route("GET", "/v1/streams/search", _search),
        door.route("GET", one, _get),
        door.route("PATCH", one, _update),
        door.route("DELETE", one, _delete),
        door.route("POST", executions, _begin),
        door.route("GET", executions, _executions),
        door.route("PUT", f"{executions}/abort", _abort_current),
        door.route("GET", execution, _execution),
        door.route("PUT", f"{execution}/part/{{part}}", _upload),
        door.route("PUT", f"{execution}/commit", _commit),
        door.route("PUT", f"{execution}/abort", _abort),
    ]


def _stream(call: Call) -> Stream:
    return call.warehouse.stream(call.request.path_params["stream"], call.client)


def _opened(call: Call) -> tuple[Stream, Execution]:
    stream = _stream(call)
    return stream, stream.execution(call.request.path_params["execution"])


def _method(given: dict[str, Any], default: str) -> str:
    # pydomo sends null for the stream's own method
    found = given.get("updateMethod") or default
    if found not in _METHODS:
        raise Refusal(400, f"Update method {found!r} is none of {', '.join(_METHODS)}.")
    return str(found)


def _create(call: Call) -> Response:
    given = call.json()
    switches = call.warehouse.switches
    known = {"dataSet", "updateMethod", *switches.key_properties}
    if unknown := sorted(set(given) - known):
        raise Refusal(400, f'Unrecognized field "{unknown[0]}"')
    method = _method(given, "REPLACE")
    key_property = next((name for name in _KEYS if name in given), None)
    keys = _keys(given[key_property]) if key_property else ()
    dataset = datasets.made(call, given.get("dataSet"))
    if missing := set(keys) - {column.name for column in dataset.columns}:
        call.warehouse.delete(dataset)
        raise Refusal(400, f"Key column {min(missing)!r} is not in the schema.")
    shown = key_property if switches.shows_keys else None
    made = call.warehouse.add_stream(dataset, method, keys, shown)
    headers = {"Location": f"/v1/streams/{made.id}"}
    return JSONResponse(made.as_json(whole=True), switches.created_status, headers)


def _keys(given: Any) -> tuple[str, ...]:
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Refusal(400, "Key columns are a list of names.")
    return tuple(found)


def _is_whole(call: Call) -> bool:
    return call.request.query_params.get("fields") == "all"


def _visible(call: Call) -> list[Stream]:
    call.warehouse.settle()
    streams = call.warehouse.streams.values()
    return [
        each
        for each in streams
        if each.dataset.owner_id == call.client.user_id and not each.deleted
    ]


def _list(call: Call) -> Response:
    limit, offset = call.whole("limit", PAGE, MOST), call.whole("offset", 0, 10**9)
    found = _visible(call)[offset : offset + limit]
    return JSONResponse([each.as_json(whole=_is_whole(call)) for each in found])


def _search(call: Call) -> Response:
    name, _, value = call.request.query_params.get("q", "").partition(":")
    if name == "dataSource.id":
        found = [each for each in _visible(call) if each.dataset.id == value]
    elif name == "dataSource.owner.id":
        found = [each for each in _visible(call) if str(each.dataset.owner_id) == value]
    elif name == "dataSource.name":
        found = [
            each for each in _visible(call) if value.casefold() in each.dataset.name.casefold()
        ]
    else:
        raise Refusal(400, f"Unknown qualifier {name!r}.")
    return JSONResponse([each.as_json(whole=_is_whole(call)) for each in found])


def _get(call: Call) -> Response:
    return JSONResponse(_stream(call).as_json(whole=_is_whole(call)))


def _update(call: Call) -> Response:
    stream = _stream(call)
    given = call.json() or dict(call.request.query_params)
    stream.update_method = _method(given, stream.update_method)
    stream.modified_at = call.now
    return JSONResponse(stream.as_json(whole=True))


def _delete(call: Call) -> Response:
    _stream(call).deleted = True
    return Response(status_code=204)


def _begin(call: Call) -> Response:
    stream = _stream(call)
    if stream.deleted or stream.dataset.deleted:
        raise Refusal(404, "The dataset of the stream was deleted.")
    method = _method(call.json(), stream.update_method)
    made = stream.begin(method, call.now)
    return JSONResponse(made.as_json(), call.warehouse.switches.created_status)


def _executions(call: Call) -> Response:
    limit, offset = call.whole("limit", PAGE, MOST), call.whole("offset", 0, 10**9)
    found = _stream(call).executions[offset : offset + limit]
    return JSONResponse([each.as_json() for each in found])


def _execution(call: Call) -> Response:
    _, execution = _opened(call)
    execution.look()
    call.warehouse.settle()
    return JSONResponse(execution.as_json())


def _upload(call: Call) -> Response:
    stream, execution = _opened(call)
    execution.require_open()
    part = call.request.path_params["part"]
    if not part.isdecimal():
        raise Refusal(400, "The id of a part is a whole number.")
    rows = parse(call.csv(), len(stream.dataset.columns))
    switches = call.warehouse.switches
    if switches.bad_values == "upload" and (found := misfit(stream.dataset.columns, rows)):
        raise Refusal(400, f"Invalid CSV provided during upload. msg={found}")
    execution.take(int(part), rows, call.now, repeated=switches.repeated_parts)
    return JSONResponse(execution.as_json())


def _commit(call: Call) -> Response:
    stream, execution = _opened(call)
    if execution.done_at is None:
        wait = call.warehouse.switches.commit_interval_seconds
        if stream.committed_at and (call.now - stream.committed_at).total_seconds() < wait:
            left = wait - (call.now - stream.committed_at).total_seconds()
            raise call.warehouse.limited(left)
        call.warehouse.push(stream.dataset)
        execution.commit(call.now, call.warehouse.switches)
        stream.committed_at = call.now
    return JSONResponse(execution.as_json())


def _abort(call: Call) -> Response:
    _, execution = _opened(call)
    execution.abort(call.now)
    return JSONResponse(execution.as_json())


def _abort_current(call: Call) -> Response:
    for execution in _stream(call).executions:
        execution.abort(call.now)
    return Response(status_code=204)
