"""Cards and the media library of an ads account.

https://docs.x.com/x-ads-api/creatives/reference
"""

from __future__ import annotations

from typing import Any, Final

from sandbox.ads import creatives
from sandbox.ads.endpoint import Call, Endpoint
from sandbox.ads.limits import Limit
from sandbox.ads.listing import listed, one
from sandbox.ads.parameters import (
    MAX_IDS,
    SORT,
    WITH_DELETED,
    Parameter,
    choice,
    flag,
    items,
    page,
)


def _cards(call: Call) -> dict[str, Any]:
    query = call.query
    found = [
        card
        for card in call.ads.creatives.cards(call.owned)
        if (query["include_legacy_cards"] or not creatives.is_legacy(card))
        and (not query["card_types"] or card["card_type"] in query["card_types"])
        and (not query["card_ids"] or card["id"] in query["card_ids"])
        and (not query["card_uris"] or card["card_uri"] in query["card_uris"])
    ]
    return listed(call, found, creatives.number)


def _card(call: Call) -> dict[str, Any]:
    cards = [each for each in call.ads.creatives.cards(call.owned) if not creatives.is_legacy(each)]
    found = one(cards, call.request.path_params["id"], "CARD_NOT_FOUND", call)
    return {"data": [found] if call.ads.switches.single_card == "list" else found}


def _media_library(call: Call) -> dict[str, Any]:
    kind = call.query["media_type"]
    library = call.ads.creatives.media(call.owned)
    found = [each for each in library if not kind or each["media_type"] == kind]
    return listed(call, found, creatives.number)


def _media(call: Call) -> dict[str, Any]:
    library = call.ads.creatives.media(call.owned)
    return {"data": one(library, call.request.path_params["id"], "MEDIA_NOT_FOUND", call)}


_CARDS: Final = (
    Parameter("card_types", items(MAX_IDS)),
    Parameter("card_ids", items(MAX_IDS)),
    Parameter("card_uris", items(MAX_IDS)),
    Parameter("include_legacy_cards", flag, default=False),
    Parameter("q"),
    SORT,
    WITH_DELETED,
    *page(100, 200),
)
_MEDIA: Final = (
    Parameter("media_type", choice("GIF", "IMAGE", "VIDEO")),
    Parameter("q"),
    *page(20, 50),
)
_CARD_LIMIT: Final = Limit("cards", scope="account")
_MEDIA_LIMIT: Final = Limit("media_library", scope="account")
_CARDS_PATH: Final = "accounts/{account_id}/cards"
_MEDIA_PATH: Final = "accounts/{account_id}/media_library"

ENDPOINTS: Final = (
    Endpoint(_CARDS_PATH, _cards, _CARD_LIMIT, _CARDS, is_creative=True),
    Endpoint(f"{_CARDS_PATH}/{{id}}", _card, _CARD_LIMIT, (WITH_DELETED,), is_creative=True),
    Endpoint(_MEDIA_PATH, _media_library, _MEDIA_LIMIT, _MEDIA, is_creative=True),
    Endpoint(f"{_MEDIA_PATH}/{{id}}", _media, _MEDIA_LIMIT, is_creative=True),
)
