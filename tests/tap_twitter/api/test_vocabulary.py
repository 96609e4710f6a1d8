from __future__ import annotations

from tap_twitter.api.vocabulary import Dialect, Vocabulary, use_tweet_words, user_fields

REFUSED = frozenset({"user.fields"})


def test_auto_begins_with_tweet_words_and_changes_once_when_refused() -> None:
    dialect = Dialect(Vocabulary.AUTO)
    steps = [frozenset({"ids"}), REFUSED, REFUSED]
    assert [(dialect.change(refused), dialect.words) for refused in steps] == [
        (False, Vocabulary.TWEET),
        (True, Vocabulary.POST),
        (False, Vocabulary.POST),
    ]


def test_a_vocabulary_that_is_set_never_changes() -> None:
    for setting in (Vocabulary.TWEET, Vocabulary.POST):
        dialect = Dialect(setting)
        assert dialect.words is setting
        assert not dialect.change(REFUSED)


def test_fields_that_only_one_vocabulary_knows() -> None:
    tweet, post = user_fields(Vocabulary.TWEET), user_fields(Vocabulary.POST)
    assert set(tweet) - set(post) == {"affiliation", "most_recent_tweet_id", "pinned_tweet_id"}
    assert set(post) - set(tweet) == {"subscribes_to_you"}


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
