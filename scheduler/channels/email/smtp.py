"""One line to a mail server, through the guarded network: opened, signed in, and one mail after another.

What the server says of one mail is an outcome; what it says of us is the end of the line.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Literal

from scheduler.channels.contract import DeliveryOutcome
from scheduler.net.answer import clean_text
from scheduler.net.network import AddressRefused, Network

Security = Literal["starttls", "tls", "none"]
ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
"""RFC 3463."""
NO_SUCH_ADDRESS = frozenset({550, 551, 553, 556})
"""Of RCPT: RFC 5321, section 4.2.3, and RFC 7504."""
LONGEST_ENVELOPE_ID = 100
"""Characters: RFC 3461, section 4.4."""
BAD_PARAMETER = frozenset({501, 504, 555})
SIGN_IN_ENDED = frozenset({530, 534, 535, 538})
"""RFC 4954, section 6."""


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    security: Security
    user_name: str
    password: str
    name: str
    """What we call ourselves: a domain of ours, never the name of this machine."""


class ServerUnavailable(Exception):
    """The server takes no mail from us now, whoever it is for. `code` is stable."""

    def __init__(self, message: str, code: str = "no_answer") -> None:
        super().__init__(message)
        self.code = code


class _Client(smtplib.SMTP):
    """smtplib's client, which opens only what the network permits."""

    def __init__(self, server: Server, network: Network, timeout: float) -> None:
        super().__init__(local_hostname=server.name, timeout=timeout)
        self.server, self.network = server, network
        self.trusted = ssl.create_default_context()
        self._host = server.host  # what the certificate must name

    def _get_socket(self, host: str, port: int, timeout: Any) -> socket.socket:
        plain = self.server.security == "none"
        connected = self.network.connect(host, port, plain=plain, timeout=timeout)
        if self.server.security != "tls":
            return connected
        try:
            return self.trusted.wrap_socket(connected, server_hostname=host)
        except OSError:
            connected.close()
            raise


class Session:
    def __init__(self, server: Server, network: Network, timeout: float) -> None:
        self._client = _Client(server, network, timeout)

    def open(self, timeout: float) -> None:
        """Raises ServerUnavailable."""
        server = self._client.server
        try:
            with self._time_limit(timeout):
                code, said = self._client.connect(server.host, server.port)
                if code != 220:
                    raise ServerUnavailable(f"{server.host} does not accept email: {_words(code, said)}", "not_taken")
                if server.security == "starttls":
                    self._client.starttls(context=self._client.trusted)
                self._client.ehlo_or_helo_if_needed()
                if server.user_name:
                    self._client.login(server.user_name, server.password)
        except ServerUnavailable:
            raise
        except (OSError, smtplib.SMTPException, ValueError, AddressRefused) as error:
            raise self._unavailable(error) from None

    def _unavailable(self, error: Exception) -> ServerUnavailable:
        """Why there is no line."""
        server = self._client.server
        if isinstance(error, AddressRefused):
            return ServerUnavailable(_refusal(error, server), "address_refused")
        if isinstance(error, ssl.SSLCertVerificationError):
            return ServerUnavailable(
                f"The certificate of {server.host} is not valid, so nothing was sent.", "bad_certificate"
            )
        if isinstance(error, smtplib.SMTPNotSupportedError):
            wanted = "a sign-in" if server.security != "starttls" or self._encrypted() else "STARTTLS"
            sentence = f"{server.host} does not offer {wanted}. Choose another port or another encryption."
            return ServerUnavailable(sentence, "not_offered")
        if not isinstance(error, smtplib.SMTPAuthenticationError):
            return ServerUnavailable(f"{server.host} did not give a reply we could use.")
        if error.smtp_code not in SIGN_IN_ENDED:
            return ServerUnavailable(f"{server.host} refused the sign-in: {_words(error.smtp_code, error.smtp_error)}")
        sentence = f"{server.host} did not accept the user name and password. Connect the channel again."
        return ServerUnavailable(sentence, "needs_sign_in")

    def _encrypted(self) -> bool:
        return isinstance(self._client.sock, ssl.SSLSocket)

    def close(self) -> None:
        with suppress(OSError, smtplib.SMTPException), self._time_limit(2.0):
            self._client.quit()
        self._client.close()

    def post(
        self,
        *,
        sender: str,
        recipient: str,
        envelope_id: str,
        message: bytes,
        begin: Callable[[], bool],
        timeout: float,
    ) -> tuple[DeliveryOutcome | None, ServerUnavailable | None]:
        """What came of this mail, and whether the line is down after it; nothing of both where `begin`, which is asked
        last before the text goes out, says no. A notification of what became of the mail names `envelope_id`, where
        the server can pass it on. Raises nothing."""
        try:
            with self._time_limit(timeout):
                refusal = self._send_envelope(sender, recipient, envelope_id)
                if refusal is not None or not begin():
                    self._client.rset()
                    return refusal, None
                code, said = self._client.docmd("DATA")
        except ServerUnavailable as down:
            return None, down
        except (OSError, smtplib.SMTPException, ValueError):
            lost = self._lost()  # before the text: certainly not taken
            return DeliveryOutcome("later", lost.code, str(lost)), lost
        if code != 354:
            return _outcome(code, said), _down_by(code, said)
        return self._send_text(message, timeout)

    def _send_envelope(self, sender: str, recipient: str, envelope_id: str) -> DeliveryOutcome | None:
        """The envelope. Raises ServerUnavailable where the server speaks of us and not of this recipient."""
        options: list[str] = []
        if self._client.has_extn("dsn") and len(envelope_id) <= LONGEST_ENVELOPE_ID:
            # Headers are enough to know a mail by: whoever reads notifications need not see what it said.
            options = ["RET=HDRS", f"ENVID={envelope_id}"]
        code, said = self._client.mail(sender, options)
        if options and code in BAD_PARAMETER:
            code, said = self._client.mail(sender)
        if code != 250:
            raise ServerUnavailable(
                f"The mail server does not accept email from {sender}: {_words(code, said)}", "not_taken"
            )
        code, said = self._client.rcpt(recipient)
        if code == 421:
            raise ServerUnavailable(f"The mail server refused the connection: {_words(code, said)}", "not_taken")
        return None if 200 <= code < 300 else _outcome(code, said, bad_address=_speaks_of_address(code, said))

    def _send_text(self, message: bytes, timeout: float) -> tuple[DeliveryOutcome, ServerUnavailable | None]:
        """From here on, no answer means that it may be on its way."""
        text = re.sub(rb"(?m)^\.", b"..", message)
        if not text.endswith(b"\r\n"):
            text += b"\r\n"
        try:
            with self._time_limit(timeout):
                self._client.send(text + b".\r\n")
                code, said = self._client.getreply()
        except (OSError, smtplib.SMTPException, ValueError):
            sentence = "The connection was lost after the email was sent, so it may have been delivered."
            return DeliveryOutcome("unknown", "outcome_unknown", sentence), self._lost()
        return _outcome(code, said), _down_by(code, said)

    def _lost(self) -> ServerUnavailable:
        return ServerUnavailable(f"The connection to {self._client.server.host} was lost.")

    @contextmanager
    def _time_limit(self, seconds: float) -> Iterator[None]:
        """A time-out of a socket starts afresh with every byte; this one does not."""
        watch = threading.Timer(seconds, self._shut_down)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _shut_down(self) -> None:
        connected = self._client.sock
        if connected is not None:
            with suppress(OSError):
                # Not SSLSocket's own shutdown: that one is not safe while another thread reads.
                socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _words(code: int, said: Any) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return clean_text(f"{code} {' '.join(text.split())[:300]}")


def _outcome(code: int, said: bytes, *, bad_address: bool = False) -> DeliveryOutcome:
    if 200 <= code < 300:
        return DeliveryOutcome("sent")
    if 500 <= code < 600:
        return DeliveryOutcome("refused", str(code), _words(code, said), bad_address)
    return DeliveryOutcome("later", str(code), _words(code, said))


def _down_by(code: int, said: bytes) -> ServerUnavailable | None:
    return (
        ServerUnavailable((f"The mail server refused the connection: {_words(code, said)}"), "not_taken")
        if code == 421
        else None
    )


def _speaks_of_address(code: int, said: bytes) -> bool:
    """Whether a refused recipient is a bad address, and not one that this server will not carry mail to: a server that
    is set up wrongly must not empty a list."""
    enhanced = ENHANCED.search(said.decode("utf-8", "replace"))
    if enhanced:
        return enhanced[1].startswith("5.1.") or enhanced[1] == "5.2.1"
    return code in NO_SUCH_ADDRESS


def _refusal(refused: AddressRefused, server: Server) -> str:
    if server.security != "none":
        return str(refused)
    return f"{server.host} cannot be used without encryption unless an administrator adds it to PRIVATE_ADDRESSES."
