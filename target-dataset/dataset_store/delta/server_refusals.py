"""Errors of object storage in plain words.

The errors of its clients, deltalake and obstore, hold addresses and the answer of the server, which
may be anything. So only their kind is reported.
"""

from __future__ import annotations

import re
from typing import Final

_BY_SERVER: Final = re.compile("Generic S3 error|Error performing (GET|PUT|POST|DELETE|HEAD|list)")
_REFUSALS_BY_SERVER: Final = (
    ("NoSuchBucket", "the bucket does not exist; create it, or fix the address"),
    (
        "SignatureDoesNotMatch|InvalidAccessKeyId|InvalidToken|ExpiredToken|InvalidClientTokenId",
        "the server does not accept the keys; fix access_key_id, secret_access_key and "
        "session_token in store_options, the environment or the profile",
    ),
    (
        "403 Forbidden|AccessDenied|lacked the necessary privileges|401 Unauthorized",
        "the keys have no permission for this; allow them to list, read, write and delete "
        "objects of the bucket",
    ),
    (
        "PermanentRedirect|AuthorizationHeaderMalformed|301 Moved",
        "the bucket is in another region; set store_options.region",
    ),
    (
        "<html|error decoding|invalid XML|missing field|Got invalid list response",
        "the answer is not that of an S3 server; fix store_options.endpoint",
    ),
    (
        "error sending request|HTTP error|dns error|Connection refused",
        "the server does not answer; fix store_options.endpoint, or run again once it does",
    ),
    (
        "Server returned non-2xx status code: (5|429)|after \\d+ retries",
        "the server fails again and again; run again later",
    ),
)


def refusal_by_server(text: str) -> str | None:
    """What an object store said, in plain words: the text itself has addresses and its answer."""
    if not _BY_SERVER.search(text):
        return None
    return next(
        (reason for pattern, reason in _REFUSALS_BY_SERVER if re.search(pattern, text, re.DOTALL)),
        None,
    )
