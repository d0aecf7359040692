"""One transaction around an operation."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import transaction

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def atomic(operation: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Like `transaction.atomic`, which hides the types of an operation from ninja: it looks their names up in the
    module of the outermost wrapper."""

    @wraps(operation)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        with transaction.atomic():
            return operation(*args, **kwargs)

    run.__signature__ = inspect.signature(operation, eval_str=True)  # type: ignore[attr-defined]
    return run
