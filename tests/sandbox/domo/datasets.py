"""The DataSet API: `/v1/datasets`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import JSONResponse, Response

from sandbox.domo import query
from sandbox.domo.columns import read_columns
from sandbox.domo.csv_dialect import parse, to_csv
from sandbox.domo.refusals import Refusal, denied

if TYPE_CHECKING:
    from starlette.routing import Route

    from sandbox.domo.endpoint import Call, Door
    from sandbox.domo.warehouse import DataSet

PAGE: Final = 50
_KNOWN: Final = frozenset({"name", "description", "pdpEnabled", "schema", "owner", "rows"})
_SORTS: Final = {
    "name": lambda each: each.name.casefold(),
    "lastUpdated": lambda each: each.updated_at,
    "createdAt": lambda each: each.created_at,
    "dataSourceId": lambda each: each.id,
}


def routes(door: Door) -> list[Route]:
    """All endpoints."""
    one = "/v1/datasets/{guid}"
    return [
        door.route("POST", "/v1/datasets", _create),
        door.route("GET", "/v1/datasets", _list),
        door.route("GET", one, _get),
        door.route("PUT", one, _update),
        door.route("DELETE", one, _delete),
        door.route("PUT", f"{one}/data", _import),
        door.route("GET", f"{one}/data", _export, produces="text/csv"),
        door.route("POST", "/v1/datasets/query/execute/{guid}", _query),
    ]


def _dataset(call: Call) -> DataSet:
    return call.warehouse.dataset(call.request.path_params["guid"], call.client)


def made(call: Call, given: Any) -> DataSet:
    """The dataset that a request describes.

    Raises:
        Refusal: If it lacks a name or columns, or holds what no dataset has.
    """
    if not isinstance(given, dict) or not given.get("name"):
        raise Refusal(400, "A dataset needs a name.")
    if unknown := set(given) - _KNOWN:
        raise Refusal(400, f"Unrecognized field {min(unknown)!r}.")
    columns = read_columns(given.get("schema"))
    return call.warehouse.add(given["name"], columns, call.client, given.get("description") or "")


def _create(call: Call) -> Response:
    shown = made(call, call.json()).as_json()
    return JSONResponse({**shown, "rows": 0, "columns": 0}, 201)


def _list(call: Call) -> Response:
    limit, offset = call.whole("limit", PAGE, PAGE), call.whole("offset", 0, 10**9)
    like = call.request.query_params.get("nameLike", "").casefold()
    sort = call.request.query_params.get("sort", "name")
    key = _SORTS.get(sort.removesuffix("Descending").removesuffix("Ascending"))
    if key is None:
        raise Refusal(400, f"Cannot sort by {sort}.")
    found = [each for each in call.warehouse.visible(call.client) if like in each.name.casefold()]
    found.sort(key=key, reverse=sort.endswith("Descending"))
    return JSONResponse([each.as_json(schema=False) for each in found[offset : offset + limit]])


def _get(call: Call) -> Response:
    return JSONResponse(_dataset(call).as_json())


def _update(call: Call) -> Response:
    dataset, given = _dataset(call), call.json()
    if unknown := set(given) - _KNOWN:
        raise Refusal(400, f"Unrecognized field {min(unknown)!r}.")
    if "name" in given and not given["name"]:
        raise Refusal(400, "A dataset needs a name.")
    if "schema" in given:
        call.warehouse.change_columns(dataset, read_columns(given["schema"]))
    dataset.name = given.get("name", dataset.name)
    dataset.description = given.get("description", dataset.description) or ""
    dataset.pdp_enabled = given.get("pdpEnabled", dataset.pdp_enabled)
    dataset.updated_at = call.now
    return JSONResponse(dataset.as_json())


def _delete(call: Call) -> Response:
    call.warehouse.delete(_dataset(call))
    return Response(status_code=204)


def _import(call: Call) -> Response:
    dataset = _dataset(call)
    if not dataset.is_api_made:
        raise denied()
    rows = parse(call.csv(), len(dataset.columns))
    call.warehouse.push(dataset)
    # an unknown value, or one in lower case, silently means REPLACE
    is_append = call.request.query_params.get("updateMethod") == "APPEND"
    call.warehouse.import_rows(dataset, rows, replace=not is_append)
    return Response(status_code=204)


def _export(call: Call) -> Response:
    dataset = _dataset(call)
    with_header = call.request.query_params.get("includeHeader", "false").lower() == "true"
    names = [column.name for column in dataset.columns] if with_header else None
    return Response(to_csv(dataset.rows, names), media_type="text/csv")


def _query(call: Call) -> Response:
    dataset = _dataset(call)
    sql = call.json().get("sql")
    if not isinstance(sql, str):
        raise Refusal(400, "The request needs `sql`, a text.")
    return JSONResponse(query.answer(dataset, sql))
