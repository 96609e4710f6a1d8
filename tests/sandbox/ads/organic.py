"""The posts that an ads account knows: its users' own, and those that were made for ads alone."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sandbox import moments, posts
from sandbox.ads import tweets
from sandbox.ads.metrics import Subject
from sandbox.people import NAMED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.ads.accounts import AdsAccount
    from sandbox.ads.creatives import Creatives
    from sandbox.ads.switches import Switches
    from sandbox.clock import Clock
    from sandbox.publications import Publication
    from sandbox.world import World

_NULLCAST_DAYS: Final = timedelta(days=30)
_WITH_CARD_ONE_IN: Final = 12
_PROMOTED: Final = "Steep it slowly #tea $NWT with @harbour_books https://t.co/{:010d}"


@dataclass(frozen=True)
class Found:
    """A post of an ads account.

    Attributes:
        id: Its id now.
        author_id: Who wrote it.
        nullcast: Whether it was made for ads alone.
        publication: It as a publication; None for those that were made for ads alone.
    """

    id: int
    author_id: str
    nullcast: bool
    publication: Publication | None = None


class AdsPosts:
    """The posts of all ads accounts.

    Args:
        world: Where they are.
        clock: What lies ahead of it is not there yet.
        creatives: The cards that some of them have.
    """

    def __init__(self, world: World, clock: Clock, creatives: Creatives) -> None:
        self._world = world
        self._clock = clock
        self._creatives = creatives
        self.reset()

    def reset(self) -> None:
        """Take back every name."""
        self._names: dict[int, str | None] = {}

    def rename(self, post_id: int, name: str | None) -> None:
        """Give a post the name that it has in the ads account alone."""
        self._names[post_id] = name

    def name(self, found: Found) -> str | None:
        """The name of a post in the ads account."""
        versions = found.publication.versions if found.publication else (found.id,)
        return next((self._names[each] for each in versions if each in self._names), None)

    def organic(
        self, account: AdsAccount, author_id: str, *, answers: bool, since_account: bool
    ) -> Iterator[Found]:
        """A user's own posts, newest first, without reposts.

        Args:
            account: The ads account.
            author_id: The user.
            answers: Whether replies and posts that begin with a handle are among them.
            since_account: Whether they begin with the ads account.
        """
        timelines = self._world.timelines
        opened = moments.snowflake(account.created_at, 0)
        for publication in timelines.of(author_id):
            newest = timelines.newest(publication)
            if since_account and newest < opened:
                return
            is_answer = publication.kind == "replied_to" or _begins_with_handle(publication)
            if publication.kind != "retweeted" and (answers or not is_answer):
                yield Found(newest, author_id, nullcast=False, publication=publication)

    def nullcast(self, account: AdsAccount) -> Iterator[Found]:
        """The posts that were made for ads alone, newest first."""
        made = []
        for number in itertools.count():
            at = account.created_at + timedelta(hours=2) + number * _NULLCAST_DAYS
            if at > self._clock.now():
                break
            made.append(moments.snowflake(at, moments.salt(f"{account.id}:nullcast")))
        for post_id in reversed(made):
            yield Found(post_id, account.user_id, nullcast=True)

    def find(self, account: AdsAccount, post_id: str) -> Found | None:
        """A post of the account's user that is there now."""
        if not post_id.isdecimal() or int(post_id) >= 2**63:
            return None
        publication = self._world.timelines.find(int(post_id))
        if publication is not None and publication.author_id == account.user_id:
            return Found(int(post_id), account.user_id, nullcast=False, publication=publication)
        return next((each for each in self.nullcast(account) if str(each.id) == post_id), None)

    def post(self, found: Found) -> dict[str, Any]:
        """A post in the words of API v2."""
        if found.publication is not None:
            return self._world.post(str(found.id)) or {}
        text = _PROMOTED.format(found.id % 36**9)
        version = posts.Version(
            id=found.id,
            history=(found.id,),
            author_id=found.author_id,
            text=text,
            resolve=self._world.resolve,
            greeted=None,
            target=None,
            seed=self._world.seed,
            now=self._clock.now(),
        )
        return posts.post(version)

    def tweet(
        self, account: AdsAccount, found: Found, user: dict[str, Any], switches: Switches
    ) -> dict[str, Any]:
        """A post as the Ads API shows it."""
        about = {
            "name": self.name(found),
            "nullcast": found.nullcast,
            "card_uri": self._card_uri(account, found),
            "mentioned": {str(number): named.name for number, named in NAMED.items()},
        }
        return tweets.tweet(self.post(found), user, about, switches)

    def subject(self, account: AdsAccount, found: Found) -> Subject:
        """A post as far as its numbers depend on it."""
        post = self.post(found)
        attached = post.get("attachments", {})
        links = post.get("entities", {}).get("urls", [])
        return Subject(
            id=str(found.id),
            published=moments.snowflake_time(found.id),
            has_link=any("media_key" not in link for link in links),
            has_card=self._card_uri(account, found) is not None,
            has_poll="poll_ids" in attached,
            has_video=any(key.startswith("7_") for key in attached.get("media_keys", [])),
        )

    def _card_uri(self, account: AdsAccount, found: Found) -> str | None:
        """The card of a post: those for ads alone have one, of others a few."""
        chosen = moments.salt(f"card:{found.id}")
        if not found.nullcast and chosen % _WITH_CARD_ONE_IN:
            return None
        published = moments.snowflake_time(found.id)
        return self._creatives.card_uri_before(account, published, chosen)


def _begins_with_handle(publication: Publication) -> bool:
    return bool(publication.texts) and publication.texts[-1].startswith("@")
