"""Posts by id: `GET /2/tweets` (https://docs.x.com/x-api/posts/lookup/introduction)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.x.bounds import POST_ID
from sandbox.x.endpoint import Answer, Call, Endpoint
from sandbox.x.envelope import Envelope, asked, post_status
from sandbox.x.expansions import expand
from sandbox.x.limits import Allowance
from sandbox.x.parameters import Parameter
from sandbox.x.timelines import POST_FIELDS

if TYPE_CHECKING:
    from sandbox.publications import Publication


def _by_ids(call: Call) -> Answer:
    envelope = Envelope(call)
    for post_id in asked(call, "ids"):
        status = post_status(call, post_id)
        if status != "found":
            envelope.miss(status, "data", kind="tweet", parameter="ids", value=post_id)
            continue
        post = call.sandbox.world.post(_shown(call, post_id)) or {}
        if all(other["id"] != post["id"] for other in envelope.data):
            envelope.add("post", post)
            expand(envelope, post)
    envelope.shuffle()
    meta = {"result_count": len(envelope.data)} if call.vocabulary.name == "post" else None
    return envelope.answer("Post", meta=meta)


def _shown(call: Call, post_id: str) -> str:
    """The version that answers for an id."""
    if call.sandbox.options.earlier_versions == "as_asked":
        return post_id
    timelines = call.sandbox.world.timelines
    publication: Publication | None = timelines.find(int(post_id))
    return post_id if publication is None else str(timelines.newest(publication))


ENDPOINTS: Final = (
    Endpoint(
        "/2/tweets",
        fields=POST_FIELDS,
        allowance=Allowance(app=3500, user=5000),
        parameters=(Parameter("ids", pattern=POST_ID, required=True),),
        answer=_by_ids,
    ),
)
