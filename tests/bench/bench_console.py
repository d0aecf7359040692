"""Every page of the console with 100,000 publications and 50,000 candidates: server time, in process and through all
middleware, against 100 ms; the month of the plan also by its weight."""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median
from time import perf_counter

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, sync_playwright

from backend.accounts.models import User
from backend.console import urls
from tests.bench import console_rows, harness, house, servers
from tests.browser import CHROMIUM, MISSING, QUIET

PUBLICATIONS = 100_000
PROMISED = 0.1  # seconds
INTERACTIVE_PROMISED = 200  # milliseconds
WEIGHT_PROMISED = 150_000  # bytes
CALLS = 5
ON_ITS_WAY = {"add_authenticator", "sign_in_to_channel", "channel_spending"}
"""Pages in the middle of something, or for what no channel of this house has: they lead elsewhere."""
SHOWN = 5


@harness.benchmark("console_pages", at_most=1.0)
def pages() -> harness.Measured:
    with harness.on(house.published(PUBLICATIONS)):
        client = _signed_in()
        taken = {name: _seconds(client, address) for name, address in _addresses() if name not in ON_ITS_WAY}
    worst = sorted(taken, key=lambda name: taken[name], reverse=True)[:SHOWN]
    told = ", ".join(f"{name} {taken[name] * 1000:.0f} ms" for name in worst)
    return harness.Measured(taken[worst[0]] / PROMISED, f"slowest of {len(taken)}: {told}")


@harness.benchmark("console_month", at_most=1.0)
def month() -> harness.Measured:
    with harness.on(house.published(PUBLICATIONS)):
        size = len(_signed_in().get("/console/plan").content)
    return harness.Measured(size / WEIGHT_PROMISED, f"the month of the plan weighs {size:,} bytes")


@harness.benchmark("console_interactive", at_most=1.0)
def interactive() -> harness.Measured:
    """From asking for the month until its scripts have run, in Chromium, with the files of the page in its cache."""
    if not CHROMIUM:
        raise harness.Skipped(MISSING)
    wrapper = house.published(PUBLICATIONS)
    with harness.on(wrapper):
        cookie = _signed_in().cookies[settings.SESSION_COOKIE_NAME].value
    folder = house.folder_of(wrapper)
    with servers.web_server("backend.rsgi:application", folder, ready="/healthz") as port, sync_playwright() as made:
        context = made.chromium.launch(executable_path=CHROMIUM, args=QUIET).new_context()
        address = f"http://{house.HOST}:{port}"
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
        page = context.new_page()
        taken = [_until_interactive(page, f"{address}/console/plan") for _ in range(1 + CALLS)][1:]
    told = f"the month: {median(taken):.0f} ms until its scripts have run, of {INTERACTIVE_PROMISED} promised"
    return harness.Measured(median(taken) / INTERACTIVE_PROMISED, told)


def _until_interactive(page: Page, address: str) -> float:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, answer.status
    assert page.locator("#plan-board").count() == 1, "Nobody is signed in."
    taken: float = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
    return taken


def _signed_in() -> Client:
    client = Client(SERVER_NAME=house.HOST)
    email = "bench@promenade.example"
    person = User.objects.filter(email=email).first()
    client.force_login(
        person or User.objects.create_person(email=email, name="Bench Example", role="admin"),
        backend="backend.accounts.backends.PersonBackend",
    )
    return client


def _seconds(client: Client, address: str) -> float:
    """Median of some calls after a first one, which is not counted."""
    taken = []
    for _ in range(1 + CALLS):
        started = perf_counter()
        answer = client.get(address)
        taken.append(perf_counter() - started)
        assert answer.status_code == 200, (address, answer.status_code, answer.content[:500])
    return median(taken[1:])


def _addresses() -> Iterator[tuple[str, str]]:
    known = console_rows.ids()
    for pattern in urls.urlpatterns:
        path = str(pattern.pattern)
        names = re.findall(r"<(?:\w+:)?(\w+)>", path)
        if "GET" in getattr(pattern.callback, "methods", ()) and all(name in known for name in names):
            yield str(pattern.name), "/console/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), path)
    yield "search for a word of all", "/console/search?q=team"
    yield "palette for a beginning", "/console/palette?q=conte"
    yield "plan as a list", "/console/plan?view=list"
    yield "plan as a week", "/console/plan?view=week"
