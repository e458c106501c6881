"""The browser of the tests: it sees the real lab, and it does not keep silent about what goes wrong."""

import pytest

from tests.browser import listen
from tests.lab import wait_until


def test_somebody_of_the_cast_signs_in_through_the_form(sign_in):
    page = sign_in("chemist")
    assert page.locator("input[name=password]").count() == 0
    assert page.context.cookies()[0]["domain"] == "127.0.0.1"


def test_a_script_that_fails_is_heard(browser):
    page = browser.new_page()
    complaints = listen(page)
    page.set_content("<script>throw new Error('the plot is broken')</script>")
    page.close()
    assert complaints == ["the plot is broken"]


@pytest.mark.parametrize("forbidden", ["document.body.setAttribute('style', 'color: red')", "eval('1')"])
def test_what_the_content_policy_refuses_is_heard(browser, live_lab, forbidden):
    page = browser.new_page()
    page.goto(f"{live_lab.url}/account/sign-in/")
    complaints = listen(page)
    page.evaluate(f"() => {{ setTimeout(() => {{ {forbidden} }}, 0) }}")
    wait_until(lambda: page.evaluate("true") and bool(complaints), "the browser's complaint")
    page.close()
