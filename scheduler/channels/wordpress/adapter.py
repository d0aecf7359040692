"""WordPress: publishes on a blog of our own through its REST API, signed in with an application password.

WordPress knows no idempotency key, and it gives a repeated slug a new ending without a word. Two sends with one key are
one published post all the same, and this is why. Each send (1) lists the posts whose slug is made from the key, drafts
too; (2) is done if one is published; (3) makes a draft if there is none, and lists again; (4) if there are several,
deletes all but the oldest for good, and lists again; (5) publishes by its id the one that was listed alone.

Suppose that r and s were both published and both stayed. Whoever published r had listed r alone, so s was made after
that list; whoever published s had listed s alone, so r was made after that list. But each list held what it published,
so each would be older than the other. What was deleted can no longer be published: the update finds no row (404), and
the send begins again. Publishing one id twice changes nothing. A send that dies leaves a draft, which the next one
with its key takes over; one that fails by name deletes what it leaves, and one that succeeds whatever a proxy has made
meanwhile by repeating its requests. With rivals at work nothing is deleted but surplus: they would miss it.

What stays possible: a draft that we delete as surplus is published by another send in that very moment, so it is seen
for milliseconds and then another in its place. For that the database has to number two drafts in one order and show
them in the other. Two sends that publish one id in the same moment may each set off a plug-in that announces posts.
And a blog that answers from a lagging copy of its database can hide a rival; a list without the draft just made ends
the send before anything is live.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.lib import http, wording
from scheduler.channels.wordpress import text as wordpress_text
from scheduler.channels.wordpress.client import Post, Site, WordPressClient, moved
from scheduler.channels.wordpress.settings import WordPressSecrets, WordPressSettings
from scheduler.net.answer import split_address

PICTURES = contract.PictureLimits(maximum=1, bytes=2_000_000, side=2560, alt_text=1000)
"""PHP takes uploads of 2 MiB by default (upload_max_filesize); WordPress makes longer sides than 2560 pixels smaller
(big_image_size_threshold). It has no limit for alternative text: a thousand characters are what we keep."""
TRIES = 8
"""Lists in one send. Alone it takes two."""
CLEARING = 2.0
"""Seconds that clearing up may take at most: what came of the post is known by then."""
KEPT_FOR_REVIEW = "kept_for_review"
NEEDED = {
    "publish_posts": "publish",
    "delete_published_posts": "take posts down",
    "upload_files": "upload pictures",
}
"""Capabilities of WordPress, which the role Author has."""

KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class WordPress:
    kind: ClassVar[str] = "wordpress"
    label: ClassVar[str] = "WordPress"
    reaches: ClassVar[Literal["public", "staff"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        found_by_key=True,
        deletes=True,
        settling=10.0,
        idempotent=True,
        pictures=PICTURES,
        carries_document=True,
    )

    Settings: ClassVar[type[BaseModel]] = WordPressSettings
    Secrets: ClassVar[type[BaseModel]] = WordPressSecrets

    def __init__(
        self, settings: WordPressSettings, secrets: WordPressSecrets, context: contract.AdapterContext
    ) -> None:
        self._settings = settings
        self._client = WordPressClient(context.network, settings, secrets)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        if not draft.title.strip():
            raise contract.DoesNotFit("A post on WordPress needs a title. Enter one.")
        wording.check_pictures(draft, self.label, PICTURES)
        text, fields = wordpress_text.build_fields(draft, self.label)
        return wording.build_payload(draft, text, body={**fields, **self._slugs()})

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        fields = {**payload.body, **self._term_ids(payload.body, deadline)}
        made: list[int] = []
        for _ in range(TRIES):
            try:
                post = self._try_once(payload, fields, key, made, deadline)
            except contract.NotSent as failure:
                if failure.code != KEPT_FOR_REVIEW:  # a person may publish that one there
                    self._clear(key, made, deadline)
                raise
            if post is not None:
                self._clear(key, made, deadline)
                return _receipt(post)
        raise contract.NotSent("WordPress received this post more than once at the same time, so nothing was posted.")

    def _try_once(
        self, payload: contract.Payload, fields: dict[str, Any], key: str, made: list[int], deadline: http.Deadline
    ) -> Post | None:
        post = self._reduce_to_one(fields, key, made, deadline)
        if post is None or post.is_published:
            return post
        return self._publish(post, {**fields, **self._feature(post, payload, deadline)}, deadline)

    def _clear(self, key: str, made: list[int], deadline: http.Deadline) -> None:
        """Delete what of this key, or made by this send, nobody has ever seen."""

        def clear(site: Site) -> None:
            listed = site.posts(key)
            others = [site.show(number) for number in made if number not in [post.id for post in listed]]
            for post in [*listed, *filter(None, others)]:
                if post.status == "draft":
                    site.delete(post.id)

        with suppress(http.CallFailed):  # the next send with this key takes it over
            self._client.call(clear, min(CLEARING, deadline.left()))

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        posts = self._client.read(lambda site: site.posts(key), timeout)
        return next((_receipt(post) for post in posts if post.is_published), None)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        """WordPress numbers its posts, so the same number on another blog is somebody else's post."""
        number, deadline = int(receipt.remote_id), http.Deadline(timeout)
        try:
            there = self._client.call(lambda site: site.names_of(number), deadline.left())
            if there is None and _host(receipt.url) == _host(self._settings.address):
                return
            if there is None or not _is_named(receipt.url, *there):
                raise contract.NotSent(
                    f"This post is on a blog that is no longer connected. Delete it at {receipt.url}.",
                    code="other_account",
                    permanent=True,
                )
            self._client.call(lambda site: site.delete(number), deadline.left())
        except http.CallFailed as error:
            raise self._client.failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        try:
            account, able = self._client.call(lambda site: site.me(), deadline.left())
        except http.CallFailed as error:
            if error.response is not None and error.response.is_redirect:
                return contract.Health(ok=False, account="", message=moved(error.response))
            return self._client.signed_out(error)
        missing = [words for capability, words in NEEDED.items() if not able.get(capability)]
        if missing:
            message = f"{account} cannot {' or '.join(missing)}. Give the account the Author role in WordPress."
            return contract.Health(ok=False, account=account, message=message)
        try:
            self._term_ids(self._slugs(), deadline)
        except contract.NotSent as refusal:
            if not refusal.permanent:
                raise contract.CannotRead(str(refusal)) from refusal
            return contract.Health(ok=False, account=account, message=str(refusal))
        return contract.Health(ok=True, account=account, message=f"Connected to WordPress as {account}.")

    def _reduce_to_one(self, fields: dict[str, Any], key: str, made: list[int], deadline: http.Deadline) -> Post | None:
        """The post of this key, published or else alone. None where surplus drafts were deleted: list again. A draft
        that had to be made is added to `made`."""

        def list_and_reduce(site: Site) -> list[Post]:
            posts = site.posts(key)
            if not posts:
                made.append(site.make_draft(key, fields))
                posts = site.posts(key)
            keep = _choose(posts)
            for post in posts:
                if post is not keep and not post.is_published:
                    site.delete_surplus(post)
            return posts

        posts = self._client.prepare(list_and_reduce, deadline.left())
        if not posts:
            raise contract.NotSent(
                "WordPress does not show the draft we just created, so nothing was posted. If this keeps "
                "happening, a plug-in may be changing the addresses of posts.",
                code="draft_not_listed",
            )
        keep = _choose(posts)
        return keep if keep and (keep.is_published or len(posts) == 1) else None

    def _publish(self, post: Post, fields: dict[str, Any], deadline: http.Deadline) -> Post | None:
        """None where another send with this key has deleted it as surplus."""
        try:
            published = self._client.call(lambda site: site.publish(post, fields), deadline.left())
        except http.CallFailed as error:
            if error.status == 404:
                return None
            raise self._client.failure(error) from error
        if not published.is_published:
            raise contract.NotSent(
                "WordPress is holding the post for review. Publish it there, or give the account the Author role.",
                code=KEPT_FOR_REVIEW,
                permanent=True,
            )
        return published

    def _feature(self, post: Post, payload: contract.Payload, deadline: http.Deadline) -> dict[str, int]:
        """The picture belongs to this post, and is uploaded once; what a repeated request has uploaded is deleted."""
        if not payload.pictures:
            return {}

        def ensure_upload(site: Site) -> int:
            known = site.pictures(post.id)
            if not known:
                uploaded = site.upload(payload.pictures[0], post.id, payload.body["title"])
                known = sorted({uploaded, *site.pictures(post.id)})
            for surplus in known[1:]:
                site.delete_picture(surplus)
            return known[0]

        return {"featured_media": self._client.prepare(ensure_upload, deadline.left())}

    def _slugs(self) -> dict[str, list[str]]:
        return {"categories": self._settings.categories, "tags": self._settings.tags}

    def _term_ids(self, named: dict[str, Any], deadline: http.Deadline) -> dict[str, list[int]]:
        """WordPress's numbers of the categories and tags, which are named by their slugs."""
        found = {}
        for taxonomy in ("categories", "tags"):
            slugs = [slug.lower() for slug in named[taxonomy]]
            terms = self._client.prepare(lambda site: site.terms(taxonomy, slugs), deadline.left()) if slugs else {}  # noqa: B023
            missing = [slug for slug in slugs if slug not in terms]
            if missing:
                raise contract.NotSent(
                    f"The blog has no {taxonomy} with the slug “{missing[0]}”. Add it there, or change the connection.",
                    code="unknown_term",
                    permanent=True,
                )
            found[taxonomy] = [terms[slug] for slug in slugs]
        return found


def _is_named(url: str, slug: str, link: str) -> bool:
    """Whether a post with this slug and address is the one whose address was written down: a key is like no other
    slug, and without it in their addresses posts are told by them alone."""
    return link == url or bool(KEY.match(slug) and slug in url)


def _host(address: str) -> str:
    parts = split_address(address)
    return (parts.hostname or "").removeprefix("www.") if parts else ""


def _choose(posts: list[Post]) -> Post | None:
    return next((post for post in posts if post.is_published), posts[0] if posts else None)


def _receipt(post: Post) -> contract.Receipt:
    return contract.Receipt(remote_id=str(post.id), url=post.link)
