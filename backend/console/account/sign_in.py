"""Signing in, by password and second step or by passkey, and out. Django's own views do the work: they give each
signed-in person a new session, and follow `next` only within this house."""

from __future__ import annotations

from math import ceil
from typing import Any
from urllib.parse import urlencode

import segno
from axes.helpers import get_cool_off
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts import passkeys, second_steps, sign_in
from backend.accounts.errors import AccountError
from backend.accounts.models import User
from backend.console.frame import authorization
from backend.console.frame.forms import Form, Renderer


class SignInForm(AuthenticationForm):
    default_renderer = Renderer()
    use_required_attribute = False
    username = forms.EmailField(
        label="Email address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": "Email or password is incorrect. Check both and try again.",
        "inactive": "Email or password is incorrect. Check both and try again.",
    }

    def clean_username(self) -> str:
        """As it is kept: attempts are counted by what is given here, and another spelling must not be a new start."""
        return str(self.cleaned_data["username"]).strip().lower()


class CodeForm(Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, hint: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = hint


class SignIn(LoginView):
    template_name = "console/account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        takes = passkeys.RelyingParty.of(self.request).takes_passkeys
        return super().get_context_data(**kwargs) | {"takes_passkeys": takes}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: Any = form.get_user()
        if sign_in.complete_password_step(request=self.request, user=user):
            return HttpResponseRedirect(self.get_success_url())
        return HttpResponseRedirect(_with_next("console:second_step", self.get_redirect_url()))


class SignOut(LogoutView):
    http_method_names = ["post"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a code or a passkey. Whoever needs a second step and has none sets up an app here."""
    user = sign_in.pending_user(session=request.session)
    if user is None:
        messages.error(request, "You took longer than 10 minutes. Enter your email address and password again.")
        return redirect("console:sign_in")
    has = second_steps.second_step_of(user)
    started = None if has else second_steps.pending_authenticator(user=user)
    if not has and started is None:
        messages.error(request, "Two-step sign-in was turned off for your account. Sign in again.")
        return redirect("console:sign_in")
    form = CodeForm(request.POST or None, hint=_hint(has))
    if request.method == "POST" and form.is_valid():
        done = _use_code(request, user, form) if has else _set_up(request, user, form)
        if done is not None:
            return done
    rest = second_steps.code_lockout(User.objects.get(pk=user.pk), now=timezone.now())
    context: dict[str, Any] = {
        "form": form,
        "has": has,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "takes_passkeys": bool(has.passkeys) and passkeys.RelyingParty.of(request).takes_passkeys,
    }
    if started is not None:
        context |= drawn(started)
    page = render(request, "console/account/second_step.html", context, status=429 if rest else 200)
    if rest:
        page.headers["Retry-After"] = str(ceil(rest.total_seconds()))
    return page


def _hint(has: second_steps.SecondStep) -> str:
    if has.authenticator or not has:
        return "The 6-digit code your app shows now." + (" Or enter one of your recovery codes." if has else "")
    return "One of your recovery codes, for example abcd-efgh-jklm-nopq."


def _use_code(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse | None:
    used = second_steps.use_code(user=user, code=form.cleaned_data["code"])
    if used is None:
        form.add_error("code", code_refusal(user))
        return None
    sign_in.finish(request=request, user=user, step=used)
    if used == "recovery":
        left = second_steps.second_step_of(user).recovery_codes_left
        messages.warning(
            request, f"You have used that recovery code. You have {left} left. Create new ones on the Account page."
        )
    return authorization.redirect_back(request)


def code_refusal(user: User) -> str:
    """Why a code was not taken, as its person may know."""
    rest = second_steps.code_lockout(User.objects.get(pk=user.pk), now=timezone.now())
    if rest is None:
        return "This code is not correct, or has already been used. Wait for the next one and try again."
    minutes = ceil(rest.total_seconds() / 60)
    return f"Too many wrong codes. Try again in {minutes} minutes."


def _set_up(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse | None:
    code = form.cleaned_data["code"]
    try:
        codes = second_steps.confirm_authenticator(user=user, code=code, session=request.session)
    except AccountError as refusal:
        form.refuse(refusal)
        return None
    sign_in.finish(request=request, user=user, step="code")
    return render(
        request,
        "console/account/recovery_codes.html",
        {"codes": codes, "on": authorization.redirect_back(request).headers["Location"]},
    )


def drawn(enrolment: second_steps.Enrolment) -> dict[str, str]:
    """An enrolment for a page: its QR code, and its secret in groups that can be typed."""
    secret = enrolment.secret
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return {
        "picture": segno.make(enrolment.uri, error="m").svg_data_uri(scale=5, border=4, light="#fff"),
        "secret": groups,
    }


@never_cache
@require_POST
def ask_passkey(request: HttpRequest) -> HttpResponse:
    """The question that a passkey answers. It names no passkey, so that it tells a stranger of nobody's."""
    if not request.user.is_authenticated and sign_in.WAITING not in request.session:
        request.session.set_expiry(sign_in.WAITS)
    return JsonResponse(passkeys.begin_authentication(place=passkeys.RelyingParty.of(request), session=request.session))


@never_cache
@require_POST
def sign_in_passkey(request: HttpRequest) -> HttpResponse:
    """A passkey is both steps in one, with or without a password before it."""
    answer = passkeys.parse_response(request.POST.get("answer", ""))
    user = passkeys.use_passkey(answer=answer, place=passkeys.RelyingParty.of(request), session=request.session)
    if user is None:
        messages.error(request, "This passkey was not recognised. Sign in with your password instead.")
        return HttpResponseRedirect(_with_next("console:sign_in", request.POST.get("next", "")))
    sign_in.finish(request=request, user=user, step="passkey")
    return authorization.redirect_back(request)


def _with_next(name: str, wanted: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


def too_many_attempts(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Shown in place of the form once somebody has guessed too often. Called by axes."""
    del response, credentials
    wait = get_cool_off(request)
    minutes = ceil(wait.total_seconds() / 60) if wait else 1
    page = render(request, "console/account/too_many_attempts.html", {"minutes": minutes}, status=429)
    page.headers["Retry-After"] = str(minutes * 60)
    page.headers["Cache-Control"] = "no-store"
    return page
