import re

import pytest

NOTICE = "form .alert"


@pytest.fixture
def typed(open_part, until):
    """The page after somebody typed something and the draft was kept."""
    page = open_part("draft")
    page.fill("[name=mass]", "29.6")
    page.check("[name=dry]")
    page.fill("[name=secret]", "hush")
    until(page, "localStorage.getItem('draft:batch:1')?.includes('29.6')")
    return page


def test_what_was_typed_survives_a_closed_tab(typed):
    page = typed
    address, context = page.url, page.context
    page.close()
    again = context.new_page()
    again.goto(address)
    assert again.input_value("[name=mass]") == "29.6"
    assert again.is_checked("[name=dry]")
    assert re.match(r"Draft of \d\d:\d\d restored\.", again.inner_text(NOTICE))


def test_a_password_is_never_kept(typed):
    page = typed
    assert "hush" not in page.evaluate("JSON.stringify(localStorage)")


def test_a_discarded_draft_is_gone(typed):
    page = typed
    page.reload()
    page.click(f"{NOTICE} button")
    assert page.input_value("[name=mass]") == "29.4"
    assert not page.is_checked("[name=dry]")
    page.reload()
    assert page.locator(NOTICE).count() == 0


def test_a_draft_never_covers_what_somebody_else_saved_since(typed):
    page = typed
    page.goto("/part/draft/?version=2&mass=29.8")
    assert page.input_value("[name=mass]") == "29.8"
    assert "somebody has saved changes since" in page.inner_text(NOTICE)
    page.click("text=Show my draft")
    assert page.input_value("[name=mass]") == "29.6"


def test_a_draft_comes_back_when_only_another_form_of_the_record_was_saved_since(typed):
    page = typed
    page.goto("/part/draft/?version=2")
    assert page.input_value("[name=mass]") == "29.6"
    assert page.is_checked("[name=dry]")
    assert re.match(r"Draft of \d\d:\d\d restored\.", page.inner_text(NOTICE))


def test_a_saved_form_leaves_no_draft(typed):
    page = typed
    page.click("text=Save")
    page.wait_for_selector("text=Saved.")
    page.goto("/part/draft/")
    assert page.locator(NOTICE).count() == 0
    assert page.evaluate("localStorage.getItem('draft:batch:1')") is None
