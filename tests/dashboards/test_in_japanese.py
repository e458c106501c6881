"""The pages that everybody opens daily, in Japanese on a phone: the words are Japanese, and nothing leaves the screen."""

import pytest
from django.urls import reverse

from tests.browser import listen
from tests.dashboards.test_compare_page import COLOURS, address, peak

PHONE = {"width": 375, "height": 800}
JAPANESE = "[...document.querySelectorAll('h1')].some((h) => /[\\u3040-\\u30ff\\u4e00-\\u9fff]/.test(h.textContent))"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def phone(browser, live_server):
    """A page of a Japanese browser, as wide as a phone. What the browser complains about fails the test."""
    context = browser.new_context(base_url=live_server.url, viewport=PHONE, locale="ja-JP")
    page = context.new_page()
    complaints = listen(page)
    yield page
    context.close()
    assert not complaints


@pytest.mark.django_db(transaction=True)
def test_the_sign_in_page_speaks_the_language_of_the_browser(phone):
    phone.goto(reverse("access:sign_in"))
    assert phone.locator("html").get_attribute("lang") == "ja"
    assert phone.locator("h1").inner_text() == "サインイン"
    assert phone.evaluate(TOO_WIDE) <= 0


@pytest.mark.django_db(transaction=True)
def test_the_account_menu_turns_all_pages_to_japanese_and_they_fit_a_phone(phone, client, chemist, make, live_server):
    a, b = make("A", peak(453) | COLOURS), make("B", peak(463))
    client.force_login(chemist)
    phone.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    phone.goto("/")
    phone.locator(".navbar-toggler").click()
    phone.locator(".masthead .dropdown-toggle").click()
    phone.locator(".masthead").get_by_role("button", name="日本語").click()
    phone.wait_for_selector("html[lang=ja]")
    batch = reverse("dashboards:batch", args=[a.pk])
    for path in ("/", reverse("dashboards:batches"), batch, reverse("spectra:inbox"), address(a, b, x="position")):
        phone.goto(path)
        phone.wait_for_load_state("networkidle")
        assert phone.locator("html").get_attribute("lang") == "ja", path
        assert path == batch or phone.evaluate(JAPANESE), path  # the heading of a batch is its code
        assert phone.evaluate(TOO_WIDE) <= 0, path
