"""Domo's API clients: who may ask, in whose name, with which scopes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class DomoClient:
    """A client that an admin has created; it acts as its user.

    Attributes:
        client_id: Its id, the user name of Basic.
        client_secret: Its secret.
        scopes: What it may use.
        user_id: The user as whom it acts.
        user_name: That user's name.
    """

    client_id: str
    client_secret: str
    scopes: tuple[str, ...]
    user_id: int
    user_name: str


CLIENT: Final = DomoClient(
    "11111111-2222-4333-8444-555555555555",
    "5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c",
    ("data", "user"),
    964382593,
    "Ada Analyst",
)
WITHOUT_DATA: Final = DomoClient(
    "11111111-2222-4333-8444-666666666666",
    "6a1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c",
    ("user",),
    964382593,
    "Ada Analyst",
)
COLLEAGUE: Final = DomoClient(
    "11111111-2222-4333-8444-777777777777",
    "7b1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c5f1d2c0e9b8a7d6c",
    ("data",),
    871428330,
    "Ben Boss",
)
CLIENTS: Final = (CLIENT, WITHOUT_DATA, COLLEAGUE)
CUSTOMER: Final = "acmecompany"
