from __future__ import annotations

from datetime import timedelta
from math import ceil


class AccountError(Exception):
    """Root of what the accounts refuse."""

    code = "account_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidAccount(AccountError):
    code = "invalid"


class AccountRefused(AccountError):
    code = "refused"


class ConfirmationNeeded(AccountRefused):
    """What asks for the person themselves: whoever only found their browser open is stopped here."""

    code = "confirm"


class TooManyAttempts(AccountRefused):
    """A secret was guessed at, or a form sent, too often."""

    code = "too_many_attempts"

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"Too many attempts. Try again in {self.minutes}.")

    @property
    def minutes(self) -> str:
        number = ceil(self.wait.total_seconds() / 60)
        return "1 minute" if number == 1 else f"{number} minutes"


class PasswordsBusy(AccountRefused):
    """More passwords came at one moment than are looked at."""

    code = "busy"
    wait = timedelta(seconds=5)

    def __init__(self) -> None:
        super().__init__("Too many people are signing in right now. Try again in a few seconds.")
