from __future__ import annotations


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
