"""Signing in and out. Django's own views do the work: they give each signed-in person a new session, and follow `next`
only within this house."""

from __future__ import annotations

from math import ceil
from typing import Any

from axes.helpers import get_cool_off
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.console.forms import Renderer


class SignInForm(AuthenticationForm):
    default_renderer = Renderer()
    use_required_attribute = False
    username = forms.EmailField(
        label="E-mail address", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": "This e-mail address and password do not belong together. Check both and try again.",
        "inactive": "This e-mail address and password do not belong together. Check both and try again.",
    }

    def clean_username(self) -> str:
        """As it is kept: attempts are counted by what is given here, and another spelling must not be a new start."""
        return str(self.cleaned_data["username"]).strip().lower()


class SignIn(LoginView):
    template_name = "console/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class SignOut(LogoutView):
    http_method_names = ["post"]


def too_many_attempts(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """Shown in place of the form once somebody has guessed too often. Called by axes."""
    del response, credentials
    wait = get_cool_off(request)
    minutes = ceil(wait.total_seconds() / 60) if wait else 1
    page = render(request, "console/too_many_attempts.html", {"minutes": minutes}, status=429)
    page.headers["Retry-After"] = str(minutes * 60)
    page.headers["Cache-Control"] = "no-store"
    return page
