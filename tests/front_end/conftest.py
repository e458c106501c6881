import time

import pytest


@pytest.fixture
def until():
    """``until(page, "…")`` waits for a JavaScript expression. Playwright's own wait uses eval, which our policy refuses."""

    def wait(page, expression, patience_s=60.0):
        end = time.monotonic() + patience_s
        while not page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            page.wait_for_timeout(25)

    return wait


@pytest.fixture
def open_part(browser, live_server, settings):
    """``open_part("plot")``: a test page in a real browser. What the policy refuses or what is not caught fails the test."""
    from tests.browser import listen

    settings.ROOT_URLCONF = "tests.front_end.urls"
    contexts, complaints = [], []

    def by_name(name, width=1280, dark=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        complaints.append(listen(page))
        page.goto(f"/part/{name}/")
        return page

    yield by_name
    for context in contexts:
        context.close()
    assert not any(complaints), complaints
