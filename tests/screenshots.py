"""Makes a picture of every page of the console into docs/pictures: `make screenshots`.

An installation of its own with the demonstration; each page of the map of addresses by day on a desk, and the ones that
are used on a phone also there in the dark.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

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
WENT_OUT = 45.0
"""Seconds until the demonstration's first publications are out."""


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
        house.wait_until("/readyz")
        time.sleep(WENT_OUT)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=QUIET, env=os.environ | {"LANGUAGE": "en_GB"}
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
        yield address
        server.terminate()


def _take_all(browser: Browser, house: Installation) -> None:
    found = re.search(r"Sign in as +(\S+)\s+Password +(\S+)", house.log.read_text())
    assert found is not None, house.log.read_text()
    state: Any = _signed_in(browser, house, *found.groups())
    for name, address in _pages(house):
        size = DESK | {"height": TALL.get(name, DESK["height"])}
        _take(browser, house, state, address + ASKED.get(name, ""), PICTURES / f"{name}.png", size, "light")
        if name in ON_A_PHONE:
            _take(browser, house, state, address, PICTURES / f"{name}-phone.png", PHONE, "dark")


def _signed_in(browser: Browser, house: Installation, email: str, password: str) -> Any:
    context = browser.new_context(base_url=house.url, viewport=DESK)
    page = context.new_page()
    page.goto("/console/sign-in")
    _keep(page.screenshot(), PICTURES / "sign_in.png")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Today", level=1).wait_for()
    state = context.storage_state()
    context.close()
    return state


def _take(
    browser: Browser, house: Installation, state: Any, address: str, to: Path, size: dict[str, int], colours: Any
) -> None:
    context = browser.new_context(
        base_url=house.url,
        viewport=size,
        color_scheme=colours,
        storage_state=state,
        locale="en-GB",
        timezone_id="Europe/London",
    )
    page = context.new_page()
    answer = page.goto(address, wait_until="networkidle")
    assert answer is not None
    assert answer.ok, f"{address} answered {answer.status}"
    _keep(page.screenshot(), to)
    context.close()


def _keep(picture: bytes, to: Path) -> None:
    """With as few colours as a page has, so that the repository stays small."""
    Image.open(BytesIO(picture)).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(to, optimize=True)


def _pages(house: Installation) -> Iterator[tuple[str, str]]:
    """Name and address of every page, those of rows with the demonstration's rows."""
    os.environ.update(house.environment, DJANGO_SETTINGS_MODULE="backend.settings", DJANGO_ALLOW_ASYNC_UNSAFE="1")
    import django

    django.setup()
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
