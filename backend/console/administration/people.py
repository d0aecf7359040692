"""People who sign in: their roles, their second steps, and the passwords that they start with."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.html import format_html

from backend.accounts import roles, second_steps, services, sessions
from backend.accounts.errors import AccountRefused
from backend.accounts.models import Role, User
from backend.console.frame import authorization, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form

FIELDS = ("name", "email", "role")
STANDINGS = {"active": "Active", "inactive": "Deactivated"}
ROLE_CHOICES = [
    (role.value, format_html("<span><strong>{}.</strong> {}</span>", role.label, roles.IN_WORDS[role.value]))
    for role in Role
]


class PersonForm(Form):
    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="Colleagues see this next to what they do.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="They use this to sign in.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label="Role", choices=ROLE_CHOICES, widget=forms.RadioSelect)


class PersonEditForm(EditForm, PersonForm):
    pass


@authorization.page_view("read users")
def people(request: Request) -> HttpResponse:
    asked = {
        "q": parameters.words(request),
        "role": request.GET.get("role", ""),
        "standing": request.GET.get("standing", ""),
        "step": request.GET.get("step", ""),
    }
    pages = paging.page(_found(**asked), request, sort="name")
    without = set(second_steps.without_second_step(_among(pages.rows)).values_list("pk", flat=True))
    seen = sessions.last_seen(pages.rows)
    context = {
        **asked,
        "any": any(asked.values()),
        "rows": [(row, row.pk not in without, seen.get(row.pk)) for row in pages.rows],
        "pages": pages,
        "roles": Role.choices,
        "standings": STANDINGS.items(),
        **_figures(),
    }
    return render(request, "console/administration/people.html", context)


def _found(*, q: str, role: str, standing: str, step: str) -> QuerySet[User]:
    rows = _people()
    for word in q.split():
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    if role in Role.values:
        rows = rows.filter(role=role)
    if standing in STANDINGS:
        rows = rows.filter(is_active=standing == "active")
    return second_steps.without_second_step(rows) if step == "none" else rows


def _figures() -> dict[str, int]:
    active = _people().filter(is_active=True)
    counted = active.aggregate(active=Count("pk"), administrators=Count("pk", filter=Q(role=Role.ADMIN)))
    return {**counted, "without": second_steps.without_second_step(active).count()}


def _people() -> QuerySet[User]:
    return User.objects.filter(is_program=False)


def _among(rows: list[User]) -> QuerySet[User]:
    return User.objects.filter(pk__in=[row.pk for row in rows])


def _one(user_id: int) -> User:
    return get_object_or_404(_people(), pk=user_id)


@authorization.form_view("add user")
def new_person(request: Request) -> HttpResponse:
    form = PersonForm(request.POST or None)
    password = services.make_password()
    if row := form.perform(lambda: services.add_person(**form.cleaned_data, password=password)):
        return _password(request, row, password, heading=f"{row.name} was added")
    return _page(request, form)


def _page(request: Request, form: Form, row: User | None = None) -> HttpResponse:
    way = [form_pages.step("People", "people")]
    if row:
        way.append(form_pages.step(row.name, "person", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.name}" if row else "Add a person",
        way=way,
        button="Save" if row else "Add person",
        help_text=(
            "Each person has one role. A change takes effect immediately, even if they are already signed in. "
            "There must always be at least one administrator."
        ),
        template="console/administration/change_person.html",
        row=row,
        own=row == request.user,
    )


def _password(request: Request, row: User, password: str, *, heading: str) -> HttpResponse:
    """Shown in this answer and never again."""
    context = {
        "row": row,
        "password": password,
        "heading": heading,
        "at": request.build_absolute_uri(reverse("console:sign_in")),
        "needed": sessions.needs_second_step(row) and not second_steps.second_step_of(row),
    }
    return render(request, "console/administration/person_password.html", context)


@authorization.page_view("read users")
def person(request: Request, user_id: int) -> HttpResponse:
    row = _one(user_id)
    context = {
        "row": row,
        "own": row == request.user,
        "may": roles.IN_WORDS[row.role],
        "second_step": second_steps.second_step_of(row),
        "needed": sessions.needs_second_step(row),
        "browsers": len(sessions.open_sessions(row)),
        "seen": sessions.last_seen([row]).get(row.pk),
    }
    return render(request, "console/administration/person.html", context)


@authorization.form_view("change user")
def change_person(request: Request, user_id: int) -> HttpResponse:
    row = _one(user_id)
    if request.method == "POST":
        row = services.lock_person(row.pk)
    own = row == request.user
    form = PersonEditForm(request.POST or None, values={name: getattr(row, name) for name in _editable(own)})
    if own:
        del form.fields["email"]
    if form.perform(lambda: _change(request, row, form.cleaned_data)):
        messages.success(request, f"{form.cleaned_data['name']} was changed.")
        return _on(request, row, form.cleaned_data)
    return _page(request, form, row)


def _editable(own: bool) -> list[str]:
    """One's own address is changed on the page Account, which asks for the password first."""
    return [name for name in FIELDS if not (own and name == "email")]


def _change(request: Request, row: User, changes: dict[str, Any]) -> User:
    if row == request.user:
        return services.change_own(user=row, changes=changes, session=request.session)
    return services.change_person(user=row, changes=changes)


def _on(request: Request, row: User, changes: dict[str, Any]) -> HttpResponse:
    """Whoever has just stopped being an administrator may not open this page any more."""
    stays = row != request.user or changes["role"] == Role.ADMIN
    return redirect("console:person", row.pk) if stays else redirect("console:today")


@authorization.post_action("change user")
def deactivate_person(request: Request, user_id: int) -> HttpResponse:
    row = _change(request, _one(user_id), {"is_active": False})
    messages.success(
        request,
        (f"{row.name} has been deactivated and signed out. Their API keys and private addresses no longer work."),
    )
    return authorization.redirect_back(request, "console:people")


@authorization.post_action("change user")
def activate_person(request: Request, user_id: int) -> HttpResponse:
    row = _change(request, _one(user_id), {"is_active": True})
    messages.success(request, f"{row.name} can sign in again, with their previous password.")
    return authorization.redirect_back(request, "console:people")


@authorization.post_action("change user")
def give_password(request: Request, user_id: int) -> HttpResponse:
    row = _one(user_id)
    if row == request.user:
        raise AccountRefused("Change your own password on the Account page.")
    password = services.make_password()
    row = services.change_person(user=row, changes={"password": password})
    return _password(request, row, password, heading=f"A new password for {row.name}")


@authorization.post_action("remove second step")
def remove_second_step(request: Request, user_id: int) -> HttpResponse:
    row = _one(user_id)
    second_steps.remove_second_step(user=row, by=request.user)
    messages.success(
        request,
        (f"Two-step sign-in is off for {row.name}. They sign in with their password only until they set it up again."),
    )
    return authorization.redirect_back(request, "console:people")


@authorization.post_action("sign user out")
def end_sessions(request: Request, user_id: int) -> HttpResponse:
    row = _one(user_id)
    own = row == request.user
    sessions.end_sessions(user=row, keep=request.session.session_key if own else None)
    messages.success(
        request,
        ("You have been signed out on all other devices.")
        if own
        else f"{row.name} has been signed out on all devices.",
    )
    return authorization.redirect_back(request, "console:people")


urlpatterns = [
    path("people", people, name="people"),
    path("people/new", new_person, name="new_person"),
    path("people/<int:user_id>", person, name="person"),
    path("people/<int:user_id>/change", change_person, name="change_person"),
    path("people/<int:user_id>/deactivate", deactivate_person, name="deactivate_person"),
    path("people/<int:user_id>/activate", activate_person, name="activate_person"),
    path("people/<int:user_id>/password", give_password, name="give_password"),
    path("people/<int:user_id>/remove-second-step", remove_second_step, name="remove_second_step"),
    path("people/<int:user_id>/end-sessions", end_sessions, name="end_person_sessions"),
]
