"""The pages of access as people see them: in a real browser, at both widths, in both themes."""

import pytest

from qdlab.access import services

PAGES = ["/account/", "/account/password/", "/account/tokens/", "/account/people/"]


@pytest.fixture
def signed_in(open_part, client, live_server):
    """``signed_in(width, dark)``: the browser of the owner."""
    owner = services.become_owner(
        secret=services.make_owner_link(),
        username="owner",
        password="cobalt-spoon-rainy-lantern",
        full_name="山田 花子",
        project_name="A project with quite a long name, as they come",
    )
    services.make_token(by=owner, name="the nightly table on the group server", scopes=["read", "write"])
    client.force_login(owner)
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}

    def browser_of_owner(width=1280, dark=False):
        page = open_part("saved", width=width, dark=dark)
        page.context.add_cookies([session])
        return page

    return browser_of_owner


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_scrolls_sideways_or_breaks_the_policy(signed_in, width, dark):
    page = signed_in(width, dark)
    for address in PAGES:
        answer = page.goto(address)
        assert answer.status == 200, address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        assert page.evaluate("document.documentElement.dataset.bsTheme") == ("dark" if dark else "light")


def test_every_field_and_button_has_a_name(signed_in):
    page = signed_in()
    for address in PAGES:
        page.goto(address)
        nameless = page.evaluate(
            """[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")]
                .filter((one) => !one.labels?.length && !one.ariaLabel && !one.textContent.trim() && one.offsetParent)
                .map((one) => one.outerHTML)"""
        )
        assert nameless == [], address


def test_the_first_tab_leads_past_the_navigation(signed_in):
    page = signed_in()
    page.goto("/account/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_touch_targets_are_large_enough_for_gloves(browser, signed_in, live_server):
    cookies = signed_in().context.cookies()
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": 375, "height": 700}, has_touch=True, is_mobile=True
    )
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto("/account/tokens/")
    small = page.evaluate(
        """[...document.querySelectorAll("main .btn, main .form-control, main .form-select, .navbar-toggler")]
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML)"""
    )
    context.close()
    assert small == []


def test_a_new_token_can_be_copied(signed_in):
    page = signed_in()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/account/tokens/")
    page.fill("[name=name]", "notebook")
    page.click("text=Make it")
    page.click("[data-copy]")
    page.wait_for_selector("text=Copied")
    assert services.token_of(page.evaluate("navigator.clipboard.readText()")).name == "notebook"


def test_the_page_speaks_the_chosen_language(signed_in):
    page = signed_in()
    page.goto("/account/")
    page.locator("main").get_by_role("button", name="日本語").click()
    page.wait_for_selector("html[lang=ja]")
