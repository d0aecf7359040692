"""A form on a page of its own: its name, the way back, what its button says, and its help."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form

Step = tuple[str, str]


def step(label: str, name: str, *of: object) -> Step:
    """One step of the way back: what it is called, and the address of that page of the console."""
    return label, reverse(f"console:{name}", args=of)


def render_form(
    request: Request,
    form: Form,
    *,
    heading: str,
    way: list[Step],
    button: str,
    help_text: str,
    template: str = "console/frame/form_page.html",
    **more: Any,
) -> HttpResponse:
    """`way` leads from the list to the row; its last step is where "Leave it" goes. `template` may extend the usual one
    and say in its block `about` what stands above the form."""
    context = {"form": form, "heading": heading, "way": way, "leave": way[-1][1], "button": button, "help": help_text}
    return render(request, template, context | more)
