"""What every channel adapter promises. Knows no Django models, no API and no queue.

An adapter is built from its settings and secrets for one connection and may be used by several threads at
once. A draft goes in; a receipt or one of two named failures comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel

from scheduler.net.answer import clean_text, split_address
from scheduler.net.network import Network

LONGEST_ID, LONGEST_ADDRESS, LONGEST_ACCOUNT, LONGEST_CODE, LONGEST_MESSAGE = 300, 1_000, 200, 60, 1_000
"""Characters of what channels say that are kept, as the columns hold them."""


@dataclass(frozen=True)
class Picture:
    """A picture as it goes out: fitted to the channel's limits, without metadata. Width and height in pixels."""

    data: bytes
    media_type: str
    """image/jpeg or image/png."""
    alt_text: str
    width: int
    height: int
    id: int | None = None
    """Ours, for whoever keeps it: no channel is told."""


@dataclass(frozen=True)
class TextLimit:
    maximum: int
    unit: str
    """What is counted, in words."""


@dataclass(frozen=True)
class PictureLimits:
    """What a channel takes. `maximum` pictures a post; `bytes` of each; `side`, its longer side in pixels."""

    maximum: int
    bytes: int
    side: int
    alt_text: int
    """Characters of alt text; longer ones are refused in words, never cut."""


class Document(Protocol):
    """A whole content, for channels where whole texts are read. Our own pages know what else it holds."""

    @property
    def kind(self) -> str: ...

    @property
    def summary(self) -> str: ...

    @property
    def html(self) -> str: ...

    @property
    def html_elsewhere(self) -> str:
        """The same for where its page is not: links to a part of the text lead to the page."""

    def with_summary(self, summary: str) -> Document: ...


@dataclass(frozen=True)
class Draft:
    """What is to be said, before a channel has shaped it."""

    title: str
    text: str
    """The wording chosen for this channel, in plain text."""
    link: str
    """The publication's tracked link; empty where the channel needs none."""
    hashtags: tuple[str, ...] = ()
    document: Document | None = None
    """The whole content as our own pages and feeds show it, for channels that carry whole texts."""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Payload:
    """What will go out, exactly. `body` is what `send` transmits, of JSON types only."""

    text: str
    length: int
    """Counted as the channel counts."""
    limit: int | None
    body: dict[str, Any]
    warnings: tuple[str, ...] = ()
    """Sentences for the person who composes, each with a remedy."""
    pictures: tuple[Picture, ...] = ()
    price: int = 0
    """What the channel charges for this post, in thousandths of a US dollar."""


@dataclass(frozen=True)
class Receipt:
    """What a channel says of a post that it has taken, cut to what can be stored and shown: a post that is live is
    never lost for the shape of its name. What is no address for a reader to open is left out."""

    remote_id: str
    url: str

    def __post_init__(self) -> None:
        parts = split_address(self.url)
        shown = self.url if parts is not None and parts.scheme in ("https", "http") else ""
        _set(self, remote_id=clean_text(self.remote_id, LONGEST_ID), url=clean_text(shown, LONGEST_ADDRESS))


@dataclass(frozen=True)
class Health:
    """What a check found; names and sentences are cut to what can be stored and shown."""

    ok: bool
    account: str
    """Who we are on the channel, as the channel says it."""
    message: str
    expires_at: datetime | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    """Those that the channel itself knows, such as its own limits: they replace the ones that are stored."""

    def __post_init__(self) -> None:
        _set(self, account=clean_text(self.account, LONGEST_ACCOUNT), message=clean_text(self.message, LONGEST_MESSAGE))


def _set(frozen: Any, **values: str) -> None:
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


@dataclass(frozen=True)
class Abilities:
    reads_back: bool
    """`find` gives an answer that can be relied on once `settling` is over."""
    deletes: bool
    settling: float
    """Seconds after which an accepted post is certainly visible to `find`."""
    idempotent: bool = False
    """The same key twice is one post, whatever became of the first answer."""
    text: TextLimit | None = None
    """None where a text may be as long as it likes. A connection's own limit wins."""
    pictures: PictureLimits | None = None
    """None where no picture goes along."""
    refreshes: bool = False
    """`refresh` gives new secrets before the old ones end."""
    carries_document: bool = False
    """Whole texts are read there, so a draft brings the whole content along."""
    manual: bool = False
    """A person posts there: what falls due is held for them, with everything ready."""
    found_by_key: bool = False
    """`find` knows a post by its key alone: one that a restored backup does not hold is lost."""
    charges: bool = False
    """Each post costs money; a connection may have a monthly cap."""
    reads_own_rows: bool = False
    """`find` looks into our own database, so that a backup takes back with it what it knows."""


class ChannelError(Exception):
    """Root of what an adapter raises. `code` is stable; the message is for a communications officer, and cut to what
    can be stored and shown: it may repeat what a channel says."""

    code = "channel_error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(clean_text(message, LONGEST_MESSAGE))
        if code:
            self.code = clean_text(code, LONGEST_CODE)


class DoesNotFit(ChannelError):
    """Raised by `compose`: the draft breaks a limit of the channel. Nothing is ever cut silently."""

    code = "does_not_fit"


LONGEST_WAIT = 86_400.0
"""Seconds for which a channel may ask to be left alone; whatever it says beyond, it is asked again after a day."""


class NotSent(ChannelError):
    """The post is certainly not live.

    `retry_after` in seconds: it is tried again then, at the earliest. `permanent` when a person must change something:
    it fails. Otherwise it is tried again after a growing wait, and fails after eight tries. Five in a row that are
    neither permanent nor come with a time open the connection's breaker: all its posts rest. The code is kept for
    people; three mean more: `needs_sign_in` holds the post until somebody signs the channel in again, `rate_limited`
    lets the connection rest until `retry_after`, and `overslept` tries again at once.
    """

    code = "not_sent"

    def __init__(
        self, message: str, *, code: str | None = None, retry_after: float | None = None, permanent: bool = False
    ) -> None:
        super().__init__(message, code=code)
        self.retry_after = None if retry_after is None else max(0.0, min(LONGEST_WAIT, retry_after))
        self.permanent = permanent


class OutcomeUnknown(ChannelError):
    """The post may be live. Nothing is sent again before `find` or a person has answered."""

    code = "outcome_unknown"


TOO_MANY_POSTS = "too_many_posts"
"""The code of a CannotRead that no later look can mend: more was posted since than may be gone through."""


NOTHING_TO_ASK = "nothing_to_ask"
"""The code of a CannotRead where a channel offers no question: how it stands shows with the next post."""


class CannotRead(ChannelError):
    """Raised by `find` and `check`: the channel gave no answer, so nothing is known."""

    code = "cannot_read"


class LocalPublisher(Protocol):
    """The organisation's own website and feeds, where their items stand."""

    def put(self, *, surface: str, key: str, document: Document, link: str) -> Receipt: ...

    def find(self, *, key: str) -> Receipt | None: ...

    def remove(self, receipt: Receipt) -> None: ...


@dataclass(frozen=True, kw_only=True)
class MailText:
    """What every recipient of one mailing is sent."""

    subject: str
    title: str
    """The heading of the HTML."""
    text: str
    html: str


@dataclass(frozen=True)
class Letter:
    """One mail to one recipient, claimed by one worker."""

    delivery_id: int
    fence: int
    message_id: str
    """With its angle brackets; the same on every try."""
    address: str
    list_id: int
    list_name: str
    from_name: str
    link: str
    """Where this recipient confirms, or leaves the list."""
    mail: MailText | None
    """As `queue` was given it; None for the mail that asks to confirm."""
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class DeliveryOutcome:
    """What came of a letter."""

    state: Literal["sent", "refused", "unknown", "later"]
    """`refused`: for good. `later`: certainly not taken, so it is tried again."""
    code: str = ""
    message: str = ""
    bad_address: bool = False
    """The address itself takes no mail."""

    def __post_init__(self) -> None:
        _set(self, code=clean_text(self.code, LONGEST_CODE), message=clean_text(self.message, LONGEST_MESSAGE))


class MailQueue(Protocol):
    """Where the recipients of one channel are, and what became of each one's mail."""

    def queue(
        self, *, key: str, lists: tuple[int, ...], domain: str, mail: MailText, pictures: tuple[Picture, ...]
    ) -> Receipt:
        """One letter for each address on these lists, all of them or none; the same key again adds none. `domain` is
        that of the message ids. Raises NotSent."""

    def find(self, *, key: str) -> Receipt | None: ...

    def describe(self, lists: tuple[int, ...]) -> str:
        """A sentence about these lists, for whoever connects the channel. Raises NotSent where nothing can be sent to
        them."""

    def claim(self, *, maximum: int, per_minute: int | None) -> list[Letter]:
        """Letters that nobody else sends meanwhile."""

    def begin(self, letter: Letter) -> bool:
        """Called before the server is given the text: written down for good. False: it must not go out now."""

    def record(self, letter: Letter, outcome: DeliveryOutcome) -> None: ...

    def release(self, letters: list[Letter]) -> None:
        """Letters that were not begun."""

    def back_off(self, *, code: str, reason: str) -> None:
        """The server takes nothing for now: it is left alone, longer each time in a row."""

    def clear_back_off(self) -> None:
        """The server takes mail."""


@dataclass(frozen=True)
class AdapterContext:
    """What the engine gives every adapter, so that none needs a database or opens a socket by itself."""

    network: Network
    publisher: LocalPublisher
    mail_queue: MailQueue


class Adapter(Protocol):
    kind: ClassVar[str]
    label: ClassVar[str]
    reaches: ClassVar[Literal["public", "staff", "either"]]
    """Who reads there, whatever a channel's row says: content for staff never goes where everyone reads. Where it is
    either, the channel's row decides."""
    abilities: ClassVar[Abilities]
    Settings: ClassVar[type[BaseModel]]
    """What an administrator fills in and may read again."""
    Secrets: ClassVar[type[BaseModel]]
    """What is written once, encrypted, and never shown again."""

    def __init__(self, settings: Any, secrets: Any, context: AdapterContext) -> None: ...

    def compose(self, draft: Draft) -> Payload:
        """Pure. Raises DoesNotFit."""

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        """Publish within `timeout` seconds. The key (a UUIDv7, so it also tells when the first try was) is the same on
        every try. Raises NotSent or OutcomeUnknown."""

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        """Read back; None means that it is certainly not there once settling is over. The key is empty where a backup
        was restored that does not hold it. Raises CannotRead."""

    def delete(self, receipt: Receipt, *, timeout: float) -> None:
        """Take down; a post that is already gone is a success. Raises NotSent or OutcomeUnknown."""

    def check(self, *, timeout: float) -> Health:
        """Is the connection healthy, who are we, what may we do, when does the token end. Raises CannotRead."""


class RefreshingAdapter(Adapter, Protocol):
    """An adapter whose `abilities.refreshes` is true."""

    def refresh(self, *, timeout: float) -> dict[str, Any]:
        """New secrets, all of them, before the present ones end. The present ones stay good until the new ones are
        stored, as far as the channel allows. Raises NotSent or OutcomeUnknown."""
