"""Gaps in X's responses, which must neither become rows nor go unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tap_twitter.cost.ledger import Resource, objects_of
from tap_twitter.values import id_number

if TYPE_CHECKING:
    import logging
    from collections.abc import Mapping, Sequence

    from tap_twitter.api.endpoints.base import Endpoint

FIELD_PARAMETERS: Final[Mapping[Resource | None, Sequence[str]]] = {
    Resource.USER: ("user.fields",),
    Resource.FOLLOW: ("user.fields",),
    Resource.POST: ("tweet.fields", "post.fields"),
    Resource.DM_EVENT: ("dm_event.fields",),
}
"""The parameters that name the fields of an endpoint's objects."""

ALWAYS: Final = ("created_at", "public_metrics")
"""Fields that X gives for every object, if they are requested."""


class Gaps:
    """Warns of objects without ids, and once of fields that no object has.

    Args:
        stream: Its name.
        logger: Receives the warnings.
    """

    def __init__(self, stream: str, logger: logging.Logger) -> None:
        self._stream = stream
        self._logger = logger
        self._told: set[tuple[str, str]] = set()

    def tell(self, endpoint: Endpoint, params: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """Check a response.

        Args:
            endpoint: The endpoint that was requested.
            params: The parameters of the request.
            body: The body of the response.
        """
        objects = list(objects_of(body))
        # users that are looked up become rows by their references, without ids, too; ids of what is
        # free have any form; counts have none
        has_ids = endpoint.buys and not endpoint.is_charged_by_request
        if has_ids and (endpoint.buys is not Resource.USER or endpoint.is_list):
            self._tell_ids(endpoint, objects)
        asked = {
            field
            for name in FIELD_PARAMETERS.get(endpoint.buys, ())
            for field in params.get(name, "").split(",")
        }
        for field in ALWAYS:
            key = (endpoint.template, field)
            if objects and field in asked and key not in self._told and not _has(objects, field):
                self._told.add(key)
                self._logger.warning(
                    "X left out '%s' of all objects in a response to %s, although '%s' requests "
                    "it: the columns are empty.",
                    field,
                    endpoint.template,
                    self._stream,
                )

    def _tell_ids(self, endpoint: Endpoint, objects: Sequence[Any]) -> None:
        without = sum(id_number(each.get("id")) is None for each in objects)
        if without:
            self._logger.warning(
                "%d of %d objects in X's response to %s have no id, so '%s' cannot make rows from "
                "them. The others are kept.",
                without,
                len(objects),
                endpoint.template,
                self._stream,
            )


def _has(objects: Sequence[Any], field: str) -> bool:
    return any(each.get(field) for each in objects)
