"""Signing in, by password and second step or by passkey, and out. Django's own views do the work: they give each
signed-in person a new session, and follow `next` only within this house."""

from __future__ import annotations

from math import ceil
from typing import Any
from urllib.parse import urlencode

import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts import passkeys, second_steps, sign_in
from backend.accounts.errors import AccountError, PasswordsBusy, TooManyAttempts
from backend.accounts.limits import known_browsers, rules
from backend.accounts.limits.rules import Origin
from backend.accounts.models import User
from backend.console.frame import authorization
from backend.console.frame.forms import Form, Renderer

WRONG_CODE = "This code is not correct, or has already been used. Wait for the next one and try again."


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

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except (TooManyAttempts, PasswordsBusy) as refusal:
            return _refuse(request, refusal)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user: Any = form.get_user()
        if sign_in.complete_password_step(request=self.request, user=user):
            return _remembered(self.request, HttpResponseRedirect(self.get_success_url()), user)
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
        try:
            done = _use_code(request, user, form) if has else _set_up(request, user, form)
        except TooManyAttempts as refusal:
            return _refuse(request, refusal)
        if done is not None:
            return _remembered(request, done, user)
    context: dict[str, Any] = {
        "form": form,
        "has": has,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "takes_passkeys": bool(has.passkeys) and passkeys.RelyingParty.of(request).takes_passkeys,
    }
    if started is not None:
        context |= drawn(started)
    return render(request, "console/account/second_step.html", context)


def _hint(has: second_steps.SecondStep) -> str:
    if has.authenticator or not has:
        return "The 6-digit code your app shows now." + (" Or enter one of your recovery codes." if has else "")
    return "One of your recovery codes, for example abcd-efgh-jklm-nopq."


def _use_code(request: HttpRequest, user: User, form: CodeForm) -> HttpResponse | None:
    attempt = rules.take_code(account=user.email or "", origin=Origin.of(request))
    used = second_steps.use_code(user=user, code=form.cleaned_data["code"], attempt=attempt)
    if used is None:
        form.add_error("code", WRONG_CODE)
        return None
    sign_in.finish(request=request, user=user, step=used)
    if used == "recovery":
        left = second_steps.second_step_of(user).recovery_codes_left
        messages.warning(
            request, f"You have used that recovery code. You have {left} left. Create new ones on the Account page."
        )
    return authorization.redirect_back(request)


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
    if not request.user.is_authenticated:
        try:
            rules.take_passkey_question(origin=Origin.of(request))
        except TooManyAttempts as refusal:
            return with_wait(HttpResponse(str(refusal), content_type="text/plain; charset=utf-8"), refusal)
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
    return _remembered(request, authorization.redirect_back(request), user)


def _with_next(name: str, wanted: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': wanted})}" if wanted else "")


def _remembered(request: HttpRequest, response: HttpResponse, user: User) -> HttpResponse:
    known_browsers.remember(response, request=request, user=user)
    return response


def _refuse(request: HttpRequest, refusal: TooManyAttempts | PasswordsBusy) -> HttpResponse:
    """Shown in place of the form. It is the same whether there is such an account or not."""
    context = {
        "refusal": refusal,
        "too_many": isinstance(refusal, TooManyAttempts),
        "takes_passkeys": passkeys.RelyingParty.of(request).takes_passkeys,
    }
    page = with_wait(render(request, "console/account/try_later.html", context), refusal)
    page.headers["Cache-Control"] = "no-store"
    return page


def with_wait(response: HttpResponse, refusal: TooManyAttempts | PasswordsBusy | None) -> HttpResponse:
    """The status, and when to try again, of what could not be tried."""
    if refusal is not None:
        response.status_code = 429 if isinstance(refusal, TooManyAttempts) else 503
        response.headers["Retry-After"] = str(ceil(refusal.wait.total_seconds()))
    return response
