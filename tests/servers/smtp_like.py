"""A mail server in a process of its own, made with aiosmtpd: it keeps what it took in a log that outlives kills, and
goes wrong as it is told.

`python -m tests.servers.smtp_like --port 0 --state FOLDER [--security starttls|tls --cert PEM] [--user]` prints its
port. It reads `FOLDER/faults.json`: `queue` is what becomes of the next mails, `refuse` what it says of single
addresses, `dsn` which parameters of notifications it takes, `seconds` how slow it is. Everything that it took stands
in `FOLDER/mails.jsonl`.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import ssl
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "promenade", "six green herons"
FAULTS = (
    *("drop_at_rcpt", "drop_at_data", "drop_after_data", "hang_after_data"),  # the line ends
    *("421", "451", "451_after_data", "554_after_data", "421_after_data"),  # in words
    *("sender_refused", "slow", "trickle"),
)


class Handler:
    def __init__(self, folder: Path) -> None:
        self.faults, self.log = folder / "faults.json", folder / "mails.jsonl"
        self.fault = ""

    def told(self) -> dict[str, Any]:
        return json.loads(self.faults.read_text()) if self.faults.exists() else {}

    def next_fault(self) -> str:
        told = self.told()
        queue = told.get("queue", [])
        if not queue:
            return ""
        self.faults.write_text(json.dumps(told | {"queue": queue[1:]}))
        assert queue[0] in (*FAULTS, "ok"), queue[0]
        return str(queue[0])

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        session.fault = self.next_fault()  # type: ignore[attr-defined]
        if session.fault == "421":  # type: ignore[attr-defined]
            return "421 4.3.2 closing for maintenance"
        if session.fault == "sender_refused":  # type: ignore[attr-defined]
            return "550 5.7.1 you may not send as this address"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        fault = session.fault  # type: ignore[attr-defined]
        refused = self.told().get("refuse", {}).get(address)
        if refused:
            return str(refused)
        if fault == "drop_at_rcpt":
            server.transport.abort()
        if fault == "451":
            return "451 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "252 2.5.2 cannot verify, but will try" if self.told().get("cannot_verify") else "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = session.fault  # type: ignore[attr-defined]
        if fault.endswith("_after_data") and fault[:3].isdigit():
            return f"{fault[:3]} not taken: {envelope.rcpt_tos[0]}"
        if fault == "slow" or self.told().get("seconds"):
            await asyncio.sleep(self.told().get("seconds", 1.0))
        mail = {
            "at": time.time(),
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "options": session.options,
            "content": base64.b64encode(envelope.original_content or b"").decode(),
            "encrypted": server.transport.get_extra_info("ssl_object") is not None,
            "user": session.auth_data if session.authenticated else None,
            "helo": session.host_name,
        }
        with self.log.open("a") as log:
            log.write(json.dumps(mail) + "\n")
        if fault == "drop_after_data":
            server.transport.abort()
        if fault == "hang_after_data":
            await asyncio.sleep(3600)
        if fault == "trickle":
            for byte in b"250-":
                server.transport.write(bytes([byte]))
                await asyncio.sleep(0.3)
            for _ in range(3000):
                server.transport.write(b"x")
                await asyncio.sleep(0.3)
        return "250 OK"


class Server(SMTP):
    """Told of `dsn`, it offers to notify (RFC 3461) and takes the parameters that are named there."""

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if self.event_handler.told().get("dsn"):
            await self.push(f"250-{self.hostname}\r\n250-DSN")
        await super().smtp_EHLO(hostname)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        sender, *options = (arg or "").split()
        taken = [each for each in options if each.partition("=")[0] in self.event_handler.told().get("dsn", [])]
        self.session.options = taken  # type: ignore[union-attr]
        await super().smtp_MAIL(" ".join([sender, *(each for each in options if each not in taken)]))

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if getattr(self.session, "fault", "") == "drop_at_data":
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    good = (given.login.decode(), given.password.decode()) == (USER, PASSWORD)
    return AuthResult(success=good, auth_data=given.login.decode(), handled=good)


async def serve(arguments: argparse.Namespace) -> None:
    handler = Handler(arguments.state)
    context = None
    if arguments.cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(arguments.cert)
    starttls = arguments.security == "starttls"

    def protocol() -> Server:
        return Server(
            handler,
            hostname="mail.test",
            tls_context=context if starttls else None,
            require_starttls=starttls,
            authenticator=authenticate if arguments.user else None,
            auth_required=bool(arguments.user),
            auth_require_tls=bool(context),
        )

    implicit = context if arguments.security == "tls" else None
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", arguments.port, ssl=implicit)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how the port is told
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--security", choices=["none", "starttls", "tls"], default="none")
    parser.add_argument("--cert", type=Path)
    parser.add_argument("--user", action="store_true")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
