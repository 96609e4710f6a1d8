"""The steps of the set-up, in their order."""

from __future__ import annotations

from typing import Final

from tap_twitter.setup_command.access import ask_access
from tap_twitter.setup_command.guide import Step
from tap_twitter.setup_command.reports import Subject
from tap_twitter.setup_command.store import ask_input, ask_store
from tap_twitter.setup_command.subjects import (
    ask_accounts,
    ask_budget,
    ask_limits,
    ask_lists,
    ask_queries,
    ask_reports,
    is_snapshot,
)

STEPS: Final = (
    Step("What do you want to load?", ask_reports),
    Step("How does the tap sign in to X?", ask_access),
    Step("Where do datasets go?", ask_store),
    Step("Whom to look up?", ask_input, lambda answers: answers.is_about(Subject.USERS)),
    Step("Which accounts?", ask_accounts, lambda answers: answers.is_about(Subject.ACCOUNTS)),
    Step("Which searches?", ask_queries, lambda answers: answers.is_about(Subject.QUERIES)),
    Step("Which lists?", ask_lists, lambda answers: answers.is_about(Subject.LISTS)),
    Step("How much a day?", ask_limits, lambda answers: any(map(is_snapshot, answers.reports))),
    Step("What may it cost?", ask_budget),
)
