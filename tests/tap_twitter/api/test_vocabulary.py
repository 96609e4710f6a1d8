from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.answering import answering
from support.harness import make_dataset, run_tap

from tap_twitter.api.vocabulary import CurrentVocabulary, Vocabulary, use_tweet_words
from tap_twitter.errors import RunError

if TYPE_CHECKING:
    from pathlib import Path

    from support.answering import Asked, Reply

REFUSED = frozenset({"user.fields"})


def test_auto_begins_with_tweet_words_and_keeps_to_others_once() -> None:
    vocabulary = CurrentVocabulary(Vocabulary.AUTO)
    assert vocabulary.words is Vocabulary.TWEET
    assert vocabulary.others(frozenset({"ids"})) is None
    assert vocabulary.others(REFUSED) is Vocabulary.POST
    assert (vocabulary.words, vocabulary.may_change) == (Vocabulary.TWEET, True)
    vocabulary.change_to(Vocabulary.POST)
    assert (vocabulary.words, vocabulary.others(REFUSED)) == (Vocabulary.POST, None)


@pytest.mark.parametrize("setting", [Vocabulary.TWEET, Vocabulary.POST])
def test_a_vocabulary_that_is_set_never_changes(setting: Vocabulary) -> None:
    vocabulary = CurrentVocabulary(setting)
    assert vocabulary.words is setting
    assert vocabulary.others(REFUSED) is None


def invalid(*parameters: str) -> Reply:
    errors = [{"parameters": {each: ["x"]}, "message": "no"} for each in parameters]
    kind = "https://api.x.com/2/problems/invalid-request"
    return 400, {}, {"errors": errors, "title": "Invalid Request", "type": kind}


def user(user_id: str) -> dict[str, Any]:
    return {"id": user_id, "username": f"u{user_id}", "name": "n"}


def test_words_that_x_refuses_like_the_first_are_not_kept(tmp_path: Path) -> None:
    """X refuses posts in both vocabularies; users are asked for in the first one all the same."""

    def handle(asked: Asked) -> Reply:
        if asked.path.endswith("/tweets"):
            return invalid("tweet.fields" if "tweet.fields" in asked.query else "post.fields")
        return 200, {}, {"data": [user("12") | {"pinned_tweet_id": "9"}]}

    with answering(handle) as x:
        config = x.config(tmp_path)
        config["accounts"] = [{"id": "12"}]
        with pytest.raises(RunError, match=r"'tweet_insights' failed .*HTTP 400: tweet\.fields"):
            run_tap(config, streams=["tweet_insights", "account_insights"])
        fields = [each.query["user.fields"] for each in x.asked if each.path == "/2/users"]
    assert len(fields) == 1
    assert "pinned_tweet_id" in fields[0]


def test_words_are_kept_where_x_objects_to_a_value_in_them(tmp_path: Path) -> None:
    make_dataset(tmp_path, "people", {"user_id": ["12", "13"]})

    def handle(asked: Asked) -> Reply:
        if "affiliation" in asked.query["user.fields"]:
            return invalid("user.fields")
        ids = asked.query["ids"].split(",")
        return invalid("ids") if "13" in ids else (200, {}, {"data": [user("12")]})

    with answering(handle) as x:
        rows = run_tap(x.config(tmp_path)).records
    found = {each["requested_id"]: each["lookup_status"] for each in rows}
    assert found == {"12": "found", "13": "invalid"}


def test_words_change_in_the_named_parts_and_the_tweet_word_wins() -> None:
    user = {
        "pinned_post_id": "1",
        "public_metrics": {"post_count": 2, "tweet_count": 3},
        "entities": {"post_count": 4},
    }
    use_tweet_words(user, "public_metrics", "affiliation")
    assert user == {
        "pinned_tweet_id": "1",
        "public_metrics": {"tweet_count": 3},
        "entities": {"post_count": 4},
    }
