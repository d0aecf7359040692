"""What came of a try, without what a channel has said of it: for a database that refuses the channel's own words."""

from __future__ import annotations

from scheduler.channels.contract import NotSent, OutcomeUnknown, Receipt

Outcome = Receipt | NotSent | OutcomeUnknown

UNSAID = "The channel's reply could not be stored."


def plain(outcome: Outcome) -> Outcome:
    """The same outcome in plain values: what it means is kept, and of a post's name what is plain."""
    if isinstance(outcome, Receipt):
        return plain_receipt(outcome)
    code = outcome.code if outcome.code.isascii() and outcome.code.isprintable() else None
    if isinstance(outcome, OutcomeUnknown):
        return OutcomeUnknown(UNSAID, code=code)
    return NotSent(UNSAID, code=code, retry_after=outcome.retry_after, permanent=outcome.permanent)


def plain_receipt(receipt: Receipt) -> Receipt:
    return Receipt("".join(each for each in receipt.remote_id if each.isascii() and each.isprintable()), "")
