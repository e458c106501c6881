"""Pages in a real Chromium: fixtures ``page`` and ``sign_in``.

What the browser itself complains about (an uncaught exception, a refused script or style) fails the test.
A failed test leaves its screenshot in ``var/test/``.
"""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import chromium

SCREENSHOTS = Path(__file__).resolve().parent.parent / "var" / "test"
COMPLAINTS = ("Content Security Policy", "Content-Security-Policy", "Uncaught")
failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator:
    path = chromium.find()
    if path is None:
        pytest.skip(chromium.MISSING)
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop on this thread; Django would refuse its database to later tests because of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        flags = ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        chrome = playwright.chromium.launch(executable_path=path, args=flags)
        yield chrome
        chrome.close()


@pytest.fixture
def page(request, browser, live_lab) -> Iterator:
    """An empty page on the live lab, 1280 px wide; ``page.goto("/")`` is the lab's Home."""
    context = browser.new_context(
        base_url=live_lab.url, viewport={"width": 1280, "height": 900}, accept_downloads=True, locale="en-GB"
    )
    page = context.new_page()
    complaints = listen(page)
    yield page
    if request.node.stash.get(failed, False):
        keep_screenshot(page, request.node.nodeid)
    context.close()
    assert not complaints, "The browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def sign_in(page, live_lab) -> Callable:
    """``sign_in("chemist")``: the page of somebody of the cast who has signed in through the form."""

    def by_form(username: str):
        page.goto("/account/sign-in/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", live_lab.password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/account/sign-in/" not in url)
        return page

    return by_form


def listen(page) -> list[str]:
    """What goes wrong on ``page`` from now on: uncaught exceptions and whatever the policy refused."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
    return complaints


def is_complaint(message) -> bool:
    return message.type == "error" and any(sign in message.text for sign in COMPLAINTS)


def keep_screenshot(page, test: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    name = re.sub(r"[^\w.-]+", "_", test)[-150:]
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
