#!/usr/bin/env bash
# xdk 0.10.6: right after the OAuth 1.0a sign-in, every request is signed with the wrong secret.
#
# OAuth1 keeps the request token of the sign-in after it has been exchanged for the access token. Then
# it names the access token in the header, but signs with the request token's secret. Users would
# expect the object that did the sign-in to be ready for requests. Every server that checks signatures
# must refuse them. The same tokens work in a new object, so the fault hides until the first sign-in.
# The script answers the two calls of the sign-in itself and compares the signatures with oauthlib's.
#
# Seen on Python 3.11, Linux x86-64:
#   after the sign-in: token access, signed with the secret of request
#   a new object with the same access token: token access, signed with the secret of access
# Ends with 0 as long as that is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xdk==0.10.6 oauthlib==3.3.1
"$folder/venv/bin/python" - <<'PYTHON'
import re
from unittest import mock
from urllib.parse import unquote

import requests
from oauthlib.oauth1 import Client
from xdk.oauth1_auth import OAuth1

URL = "https://api.x.com/2/users/me"
APP = ("key", "key-secret")


def answer(token):
    response = requests.Response()
    response.status_code = 200
    response._content = f"oauth_token={token}&oauth_token_secret={token}-secret".encode()
    return response


def fields(header):
    return {name: unquote(value) for name, value in re.findall(r'(\w+)="([^"]*)"', header)}


def signer(auth):
    """The token that a request names, and the one whose secret signs it."""
    sent = fields(auth.build_request_header("GET", URL))
    same = {"nonce": sent["oauth_nonce"], "timestamp": sent["oauth_timestamp"]}
    for token in ("request", "access"):
        client = Client(*APP, sent["oauth_token"], f"{token}-secret", **same)
        _, headers, _ = client.sign(URL)
        if fields(headers["Authorization"])["oauth_signature"] == sent["oauth_signature"]:
            return sent["oauth_token"], token
    return sent["oauth_token"], "neither"


signed_in = OAuth1(*APP, "https://example.org/callback")
with mock.patch("requests.post", side_effect=[answer("request"), answer("access")]):
    signed_in.start_oauth_flow()
    signed_in.get_access_token("verifier")
given = OAuth1(*APP, "https://example.org/callback", "access", "access-secret")
after, new = signer(signed_in), signer(given)
print("after the sign-in: token {}, signed with the secret of {}".format(*after))
print("a new object with the same access token: token {}, signed with the secret of {}".format(*new))
assert after == ("access", "request")
assert new == ("access", "access")
PYTHON
