"""Makes a picture of every page of the console into docs/pictures: `make screenshots`.

An installation of its own with the demonstration; each page of the map of addresses by day on a desk, as whoever works
with it sees it, and the ones that are used on a phone also there in the dark.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import django
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.browser import CHROMIUM, DESK, MISSING, PHONE, QUIET
from tests.installation import ROOT, Installation, installation
from tests.servers import control, x_like

PICTURES = ROOT / "docs" / "pictures"
ON_A_PHONE = {"today", "plan", "review", "compose", "publishing"}
LEFT_OUT = {"palette", "components", "link_code", "add_authenticator", "sign_in_to_channel"}
"""Fragments, files, and pages in the middle of something."""
ASKED = {
    "source_of_hire": "?period=own&from=2018-09-01&to=2018-10-31",
    "source_of_hire_rows": "?from=2018-09-01&to=2018-10-31&model=first&by=channel",
    "search": "?q=nurse",
}
"""What these pages are asked for, so that they have something to show."""
TALL = {"plan": 1250, "compose": 1250}
"""Pixels of height, where a desk's are too few to see what the page is for."""
X = {
    "X_CONSUMER_KEY": x_like.CONSUMER_KEY,
    "X_CONSUMER_SECRET": x_like.CONSUMER_SECRET,
    "X_ACCESS_TOKEN": x_like.ACCESS_TOKEN,
    "X_ACCESS_TOKEN_SECRET": x_like.ACCESS_TOKEN_SECRET,
}
BY = {
    "comms": {"today", "plan", "write", "compose", "publishing", "publication", "links", "campaign"},
    "approver": {"reviews", "review"},
    "hr": {"candidates", "candidate", "record_hire", "hires", "hire", "source_of_hire", "source_of_hire_rows"},
}
"""Whose work a page is: by role. An administrator opens the others."""
PATIENCE = 180.0
"""Seconds to wait for anything; the publication that X refuses falls due after 90."""


def main() -> int:
    if not CHROMIUM:
        sys.stderr.write(f"{MISSING}\n")
        return 1
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="promenade-pictures-") as folder,
        _x(Path(folder)) as api_base,
        installation(Path(folder)) as house,
    ):
        house.environment |= {"DEMO": "1", "X_API_BASE": api_base, "PRIVATE_ADDRESSES": "127.0.0.0/8", **X}
        house.start()
        _wait_until(lambda: house.answer("/readyz") == 200, "it is ready")
        os.environ.update(house.environment, DJANGO_SETTINGS_MODULE="backend.settings", DJANGO_ALLOW_ASYNC_UNSAFE="1")
        django.setup()
        _wait_until(_something_to_decide, "X has refused a post")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_in_britain(Path(folder)), args=QUIET, env=os.environ | {"LANGUAGE": "en_GB"}
            )
            _take_all(browser, house)
            browser.close()
    return 0


@contextmanager
def _x(folder: Path) -> Iterator[str]:
    """An X to publish to, so that its previews are shown as they are. It refuses what it is given, so that Today and
    Publishing have something to decide."""
    command = [sys.executable, "-m", "tests.servers.x_like", "--state", str(folder / "x")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = f"http://127.0.0.1:{int(server.stdout.readline())}"
        control.call(f"{address}/_control/faults", {"mix": {"refuse_400": 1.0}})
        try:
            yield address
        finally:
            server.terminate()


def _in_britain(folder: Path) -> str:
    """A Chromium whose date fields begin with the day: where it has no words of its own for a language, they are
    American."""
    chromium = shutil.copytree("/usr/lib/chromium", folder / "chromium")
    shutil.copy(chromium / "locales" / "en-US.pak", chromium / "locales" / "en-GB.pak")
    return str(chromium / Path(CHROMIUM).name)


def _wait_until(happened: Callable[[], bool], words: str) -> None:
    started = time.monotonic()
    while not happened():
        assert time.monotonic() - started < PATIENCE, f"Waited in vain until {words}."
        time.sleep(1)


def _something_to_decide() -> bool:
    """On Today and Publishing. By then the demonstration's first publications are out."""
    from campaigns.planning.models import Publication, PublicationState

    return Publication.objects.filter(state=PublicationState.FAILED).exists()


def _take_all(browser: Browser, house: Installation) -> None:
    _take(browser, house, [], "/console/sign-in", PICTURES / "sign_in.png", DESK, "light")
    cookies = {role: _signed_in(house, role) for role in (*BY, "admin")}
    for name, address in _pages():
        cookie = cookies[next((role for role, names in BY.items() if name in names), "admin")]
        size = DESK | {"height": TALL.get(name, DESK["height"])}
        _take(browser, house, cookie, address + ASKED.get(name, ""), PICTURES / f"{name}.png", size, "light")
        if name in ON_A_PHONE:
            _take(browser, house, cookie, address, PICTURES / f"{name}-phone.png", PHONE, "dark")


def _signed_in(house: Installation, role: str) -> list[Any]:
    from django.conf import settings
    from django.test import Client

    from backend.accounts.models import User

    client = Client()
    client.force_login(User.objects.filter(role=role, is_program=False).latest("pk"))
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": client.cookies[name].value, "url": house.url}]


def _take(
    browser: Browser,
    house: Installation,
    cookies: list[Any],
    address: str,
    to: Path,
    size: dict[str, int],
    colours: Any,
) -> None:
    context = browser.new_context(
        base_url=house.url,
        viewport=size,
        color_scheme=colours,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    context.add_cookies(cookies)
    page = context.new_page()
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.ok, f"{address} answered {answer.status}"
    _keep(page.screenshot(), to)
    context.close()


def _keep(picture: bytes, to: Path) -> None:
    """With as few colours as a page has, so that the repository stays small."""
    image = Image.open(BytesIO(picture)).convert("RGB")
    image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(to, optimize=True)


def _pages() -> Iterator[tuple[str, str]]:
    """Name and address of every page, those of rows with the demonstration's rows."""
    from backend.console import urls
    from tests.bench.console_rows import ids

    known = ids()
    for pattern in urls.urlpatterns:
        path = str(pattern.pattern)
        if pattern.name in LEFT_OUT or "GET" not in getattr(pattern.callback, "methods", ()):
            continue
        if all(name in known for name in re.findall(r"<(?:\w+:)?(\w+)>", path)):
            yield str(pattern.name), "/console/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda f: str(known[f[1]]), path)


if __name__ == "__main__":
    sys.exit(main())
