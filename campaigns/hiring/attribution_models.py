"""Attribution: which touches get the credit for a hire, as exact fractions that add up to one.

Pure: nothing here reads or writes a row. services.credit stores what comes out, and the report adds up the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from campaigns.hiring.models import AttributionModel, Touch


def _first(count: int) -> list[Fraction]:
    return [Fraction(1), *[Fraction(0)] * (count - 1)]


def _last(count: int) -> list[Fraction]:
    return _first(count)[::-1]


WEIGHTS: Mapping[AttributionModel, Callable[[int], list[Fraction]]] = MappingProxyType(
    {AttributionModel.FIRST: _first, AttributionModel.LAST: _last}
)
"""How so many touches, in the order of time, share one hire: a weight for each, one in all. A model that is not here
goes by what the person states."""


def share_credit(model: AttributionModel, touches: Iterable[Touch]) -> list[tuple[Touch, Fraction]]:
    """The touches that get a share under a model of WEIGHTS. They may be given in any order: of two at one instant the
    one recorded earlier is the earlier. Without touches nobody gets anything."""
    ordered = sorted(touches, key=lambda touch: (touch.at, touch.pk))
    weights = WEIGHTS[model](len(ordered)) if ordered else []
    return [(touch, weight) for touch, weight in zip(ordered, weights, strict=True) if weight]
