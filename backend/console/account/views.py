"""The page Account: who one is, how one signs in, and where."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from backend.accounts import passkeys, second_steps, services, sessions
from backend.accounts import sign_in as credentials
from backend.accounts.errors import AccountError, PasswordsBusy, TooManyAttempts
from backend.accounts.models import User
from backend.console.account import sign_in
from backend.console.frame import authorization, form_pages
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form
from campaigns.planning import organisation_clock
from campaigns.planning import zones as zone_names

View = Callable[..., HttpResponse]


class AboutForm(EditForm):
    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    zone = forms.ChoiceField(label="Time zone", help_text="The console shows all times in this time zone.")
    letter_keys = forms.BooleanField(
        label="Single-key shortcuts",
        required=False,
        help_text="For example / to search and n to add to the plan. Turn them off if you use speech software.",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        super().__init__(data, values={"name": user.name, "zone": user.zone, "letter_keys": user.letter_keys})
        self.fields["zone"].choices = zones(user.zone)  # type: ignore[attr-defined]


class EmailForm(Form):
    email = forms.EmailField(
        label="Email address",
        help_text="You use this to sign in.",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )


class PasswordForm(Form):
    password = forms.CharField(
        label="New password",
        help_text="At least 12 characters. Four random words make a good password.",
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ConfirmForm(Form):
    password = forms.CharField(
        required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    code = forms.CharField(
        label="Or enter a code from your app",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class PasskeyForm(Form):
    name = forms.CharField(
        label="Name", help_text="For example My phone, so you can tell it from others.", max_length=60
    )


def confirmation_required(view: View) -> View:
    """Sends whoever has not shown for ten minutes that it is them to do so first, and then back; with a word where
    something was sent, because it is not kept."""

    @wraps(view)
    def asked(request: Request, **path: Any) -> HttpResponse:
        if sessions.is_confirmed(session=request.session):
            return view(request, **path)
        if request.method == "POST":
            messages.warning(request, "Nothing has changed yet. Confirm it is you, then do it again.")
        page: Any = request.resolver_match.func  # type: ignore[union-attr]  # it was found
        wanted = request.path if "GET" in page.methods else reverse("console:account")
        return HttpResponseRedirect(f"{reverse('console:confirm_person')}?{urlencode({'next': wanted})}")

    return asked


@authorization.form_view("keep own account")
def account(request: Request) -> HttpResponse:
    user = services.lock_person(request.user.pk) if request.method == "POST" else request.user
    form = AboutForm(request.POST or None, user=user)
    if form.perform(lambda: services.change_own(user=user, changes=form.cleaned_data, session=request.session)):
        messages.success(request, "Saved.")
        return redirect("console:account")
    context = {
        "form": form,
        "second_step": second_steps.second_step_of(request.user),
        "needed": sessions.needs_second_step(request.user),
        "sessions": sessions.open_sessions(request.user),
        "this": sessions.handle_of(request.session),
        "takes_passkeys": passkeys.RelyingParty.of(request).takes_passkeys,
    }
    return render(request, "console/account/account.html", context)


@authorization.network_view("keep own account", page=True)
def confirm_person(request: Request) -> HttpResponse:
    """Password, code or passkey once more; whoever finds a browser open cannot give them. No transaction is held while
    a password waits for its turn."""
    has = second_steps.second_step_of(request.user)
    form = ConfirmForm(request.POST or None)
    if has.authenticator:
        form.fields["password"].help_text = "Enter your password or a code."
    else:
        del form.fields["code"]
        form.fields["password"].required = True
    wait = None
    if request.method == "POST" and form.is_valid():
        try:
            if _is_them(request, form):
                return authorization.redirect_back(request, "console:account")
        except (TooManyAttempts, PasswordsBusy) as refusal:
            form.add_error(None, str(refusal))
            wait = refusal
    context = {
        "form": form,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "takes_passkeys": bool(has.passkeys) and passkeys.RelyingParty.of(request).takes_passkeys,
    }
    return sign_in.with_wait(render(request, "console/account/confirm.html", context), wait)


def _is_them(request: Request, form: ConfirmForm) -> bool:
    person, session = request.user, request.session
    if code := form.cleaned_data.get("code"):
        if credentials.confirm_by_code(user=person, code=code, session=session):
            return True
        form.add_error("code", sign_in.WRONG_CODE)
    elif credentials.confirm_by_password(user=person, password=form.cleaned_data["password"], session=session):
        return True
    else:
        form.add_error("password", "Password is incorrect. Check it and try again.")
    return False


@authorization.post_action("keep own account")
def confirm_by_passkey(request: Request) -> HttpResponse:
    answer = passkeys.parse_response(request.POST.get("answer", ""))
    place = passkeys.RelyingParty.of(request)
    if passkeys.use_passkey(answer=answer, place=place, session=request.session, user=request.user):
        sessions.confirm(session=request.session)
    else:
        messages.error(request, "This passkey was not recognised. Nothing was changed.")
    return authorization.redirect_back(request, "console:account")


@authorization.form_view("keep own account")
@confirmation_required
def change_email(request: Request) -> HttpResponse:
    form = EmailForm(request.POST or None, initial={"email": request.user.email})
    return _change(request, form, title="Change your email address", done="Your email address has been changed.")


@authorization.form_view("keep own account")
@confirmation_required
def change_password(request: Request) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    return _change(
        request,
        form,
        title="Change your password",
        done="Your password has been changed, and you are signed out on all other devices.",
    )


def _change(request: Request, form: Form, *, title: str, done: str) -> HttpResponse:
    if form.perform(lambda: services.change_own(user=request.user, changes=form.cleaned_data, session=request.session)):
        messages.success(request, done)
        return redirect("console:account")
    return form_pages.render_form(
        request,
        form,
        heading=title,
        way=[form_pages.step("Account", "account")],
        button="Change",
        help_text=(
            "Use it from now on, wherever you sign in. We ask you to confirm it is you if you have not done so "
            "in the last 10 minutes."
        ),
    )


@authorization.post_action("keep own account")
@confirmation_required
def start_authenticator(request: Request) -> HttpResponse:
    second_steps.start_authenticator(user=request.user)
    return redirect("console:add_authenticator")


@authorization.form_view("keep own account")
@confirmation_required
def add_authenticator(request: Request) -> HttpResponse:
    enrolment = second_steps.pending_authenticator(user=request.user)
    if enrolment is None:
        return redirect("console:account")
    form = sign_in.CodeForm(request.POST or None, hint="The 6-digit code your app shows now.")
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            codes = second_steps.confirm_authenticator(user=request.user, code=code, session=request.session)
        except AccountError as refusal:
            form.refuse(refusal)
        else:
            return _added(request, "Your app has been added. You need a code from it when you sign in.", codes)
    return render(request, "console/account/authenticator.html", {"form": form, **sign_in.drawn(enrolment)})


def _added(request: Request, done: str, codes: list[str]) -> HttpResponse:
    messages.success(request, done)
    if not codes:
        return redirect("console:account")
    return render(request, "console/account/recovery_codes.html", {"codes": codes, "on": reverse("console:account")})


@authorization.post_action("keep own account")
@confirmation_required
def remove_authenticator(request: Request) -> HttpResponse:
    second_steps.remove_authenticator(user=request.user)
    messages.success(request, "The authenticator app has been removed. Delete Promenade from the app too.")
    return redirect("console:account")


@authorization.post_action("keep own account")
@confirmation_required
def make_recovery_codes(request: Request) -> HttpResponse:
    codes = second_steps.make_recovery_codes(user=request.user)
    return render(request, "console/account/recovery_codes.html", {"codes": codes, "on": reverse("console:account")})


@authorization.post_action("keep own account")
@confirmation_required
def start_passkey(request: Request) -> HttpResponse:
    place = passkeys.RelyingParty.of(request)
    return JsonResponse(passkeys.begin_registration(user=request.user, place=place, session=request.session))


@authorization.form_view("keep own account")
@confirmation_required
def add_passkey(request: Request) -> HttpResponse:
    place = passkeys.RelyingParty.of(request)
    form = PasskeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = passkeys.parse_response(request.POST.get("answer", ""))
        name = form.cleaned_data["name"]
        try:
            _, codes = passkeys.add_passkey(
                user=request.user, name=name, answer=answer, place=place, session=request.session
            )
        except AccountError as refusal:
            form.refuse(refusal)
        else:
            return _added(
                request, (f"The passkey {name} has been added. You can use it to sign in without a password."), codes
            )
    return render(request, "console/account/passkey.html", {"form": form, "place": place})


@authorization.post_action("keep own account")
@confirmation_required
def remove_passkey(request: Request, passkey_id: int) -> HttpResponse:
    passkeys.remove_passkey(user=request.user, passkey_id=passkey_id, session=request.session)
    messages.success(request, "The passkey has been removed. Delete it on your device too.")
    return redirect("console:account")


@authorization.post_action("keep own account")
def end_session(request: Request, handle: str) -> HttpResponse:
    sessions.end_session(user=request.user, handle=handle)
    messages.success(request, "That browser has been signed out.")
    return redirect("console:account")


@authorization.post_action("keep own account")
def end_other_sessions(request: Request) -> HttpResponse:
    sessions.end_sessions(user=request.user, keep=request.session.session_key)
    messages.success(request, "You have been signed out on all other devices.")
    return redirect("console:account")


def zones(own: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Names of places, by continent; the organisation's own first, where most readers are."""
    here = organisation_clock.organisation_zone_name()
    found = {"Your organisation": [(here, here.rpartition("/")[2].replace("_", " "))]}
    for name in sorted({*zone_names.names(), own}):
        region, _, town = name.partition("/")
        if name == own or (town and region not in ("Etc", "SystemV", "US", "posix", "right")):
            found.setdefault(region, []).append((name, (town or name).replace("_", " ")))
    return list(found.items())


urlpatterns = [
    path("account", account, name="account"),
    path("account/confirm", confirm_person, name="confirm_person"),
    path("account/confirm/passkey", confirm_by_passkey, name="confirm_by_passkey"),
    path("account/email", change_email, name="change_email"),
    path("account/password", change_password, name="change_password"),
    path("account/authenticator", add_authenticator, name="add_authenticator"),
    path("account/authenticator/start", start_authenticator, name="start_authenticator"),
    path("account/authenticator/remove", remove_authenticator, name="remove_authenticator"),
    path("account/recovery-codes", make_recovery_codes, name="make_recovery_codes"),
    path("account/passkeys/new", add_passkey, name="add_passkey"),
    path("account/passkeys/start", start_passkey, name="start_passkey"),
    path("account/passkeys/<int:passkey_id>/remove", remove_passkey, name="remove_passkey"),
    path("account/sessions/end-others", end_other_sessions, name="end_other_sessions"),
    path("account/sessions/<str:handle>/end", end_session, name="end_session"),
]
