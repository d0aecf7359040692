"""The kinds of rows that the trail follows, by the names that faces give them."""

from __future__ import annotations

import re

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from backend.audit.listeners import MASKED
from campaigns.planning.models import Content


def type_name(model: type[Model]) -> str:
    """BlogEntry is blog_entry."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


MODELS: dict[str, list[type[Model]]] = {type_name(model): [model] for model in MASKED}
MODELS["content"] = [model for model in MASKED if issubclass(model, Content)]
TYPES = {model: name for name, (model, *more) in MODELS.items() if not more}


def content_types(name: str) -> list[ContentType]:
    """Those of a kind; `content` stands for content of all kinds."""
    return list(ContentType.objects.get_for_models(*MODELS[name]).values())
