"""The bench in a real browser: live sums, what was typed stays, drafts survive, a phone can be used."""

import re
from itertools import count

import pytest

_numbers = count(1)
HALF_SECOND = 500


@pytest.fixture
def bench(page, live_lab):
    """Open a page of the bench as the chemist. A new lab begins with the starter shelf."""

    def open_as_chemist(path: str):
        page.goto(path)
        if "/account/sign-in/" in page.url:
            page.fill("input[name=username]", "chemist")
            page.fill("input[name=password]", live_lab.password)
            page.press("input[name=password]", "Enter")
            page.wait_for_url(re.compile(re.escape(path)))
        return page

    return open_as_chemist


ROWS = [
    ("PbBr₂", "29,4", "mg"),
    ("MABr", "9.0", "mg"),
    ("MLA", "43.0", "mg"),
    ("OAM", "39.6", "µL"),
    ("DMF", "2", "mL"),
    ("Toluene", "8", "mL"),
]


def choose(page, n: int, name: str) -> None:
    """Pick a substance by the beginning of its label."""
    field = page.locator(f"[name=ingredients-{n}-substance]")
    label = field.evaluate(
        "(s, name) => [...s.options].find((o) => o.text === name || o.text.startsWith(name + ' (')).text", name
    )
    field.select_option(label=label)


def fill_recipe(page, rows=ROWS) -> str:
    name = f"Recipe in the browser {next(_numbers)}"
    page.fill("[name=name]", name)
    for n, (substance, amount, unit) in enumerate(rows):
        choose(page, n, substance)
        page.fill(f"[name=ingredients-{n}-amount]", amount)
        page.select_option(f"[name=ingredients-{n}-unit]", label=unit)
    return name


def derived(page, n: int, what: str):
    return page.locator(f"[data-row=ingredients-{n}] [data-derived={what}]")


def expect_text(locator, text: str) -> None:
    from playwright.sync_api import expect

    expect(locator).to_contain_text(text)


def test_equivalents_and_the_ratio_follow_while_typing_and_typed_numbers_stay(bench):
    page = bench("/recipes/new/")
    fill_recipe(page)
    expect_text(page.locator("[data-ratio-line]"), "MA : Pb : Br : MLA : OAM = 1.003 : 1 : 3.003 : 4.003 : 1.502")
    expect_text(derived(page, 3, "equivalents"), "1.502 equiv")
    expect_text(derived(page, 0, "mass"), "29,4 mg")
    assert "typed" in derived(page, 0, "mass").get_attribute("class")
    assert "derived" in derived(page, 0, "substance").get_attribute("class")
    page.fill("[name=ingredients-0-amount]", "58.8")
    expect_text(page.locator("[data-ratio-line]"), "0.5017 : 1 :")
    assert page.input_value("[name=ingredients-1-amount]") == "9.0"
    assert page.input_value("[name=ingredients-3-amount]") == "39.6"


def test_the_reference_can_be_any_ingredient_at_any_equivalent(bench):
    page = bench("/recipes/new/")
    fill_recipe(page)
    page.check("[name=reference][value=i3]")
    page.fill("[name=reference_equivalents]", "4")
    expect_text(derived(page, 2, "equivalents"), "4.000 equiv")
    expect_text(derived(page, 0, "equivalents"), "0.9992 equiv")


def test_a_wrong_amount_is_told_at_its_field_and_goes_when_it_is_mended(bench):
    from playwright.sync_api import expect

    page = bench("/recipes/new/")
    fill_recipe(page)
    page.fill("[name=ingredients-1-amount]", "nine")
    problem = page.locator("[data-problem-of=ingredients-1-amount]")
    expect_text(problem, "is not a number")
    page.fill("[name=ingredients-1-amount]", "9.0")
    expect(problem).to_be_empty()
    expect_text(page.locator("[data-ratio-line]"), "1.003 : 1")


def test_a_recipe_is_saved_with_a_step_that_knows_the_ingredients(bench):
    page = bench("/recipes/new/")
    name = fill_recipe(page)
    step = page.locator("[data-row=steps-0]")
    step.locator("[name=steps-0-kind]").select_option("add_dropwise")
    assert step.locator("[name=steps-0-drop_interval]").is_visible()
    assert step.locator("[name=steps-0-pore]").is_hidden()
    step.locator("label", has_text="OAM").locator("input").check()
    step.locator("[name=steps-0-into]").select_option(label="Toluene")
    step.locator("[name=steps-0-volume]").fill("250")
    step.locator("[name=steps-0-drop_interval]").fill("6 s")
    page.click("[data-add-row=steps]")
    page.locator("[name=steps-1-kind]").select_option("stir")
    page.fill("[name=steps-1-time]", "3 h")
    expect_text(page.locator("[data-facts]"), "1.19 mM")
    page.click("button[type=submit]:has-text('Save')")
    page.wait_for_selector(f"h1:has-text('{name}')")
    expect_text(page.locator("main"), "add dropwise OAM to Toluene: 250 µL, one drop every 6 s")
    expect_text(page.locator("main"), "stir: 3 h")


def test_rows_are_added_and_removed(bench):
    page = bench("/recipes/new/")
    fill_recipe(page)
    page.click("[data-add-row=ingredients]")
    choose(page, 6, "OA")
    page.fill("[name=ingredients-6-amount]", "1")
    page.select_option("[name=ingredients-6-unit]", label="equiv")
    expect_text(page.locator("[data-ratio-line]"), "MA : Pb : Br : MLA : OA : OAM")
    page.click("[data-row=ingredients-6] [data-remove-row]")
    expect_text(page.locator("[data-ratio-line]"), "MA : Pb : Br : MLA : OAM =")


def test_a_draft_survives_a_closed_tab_with_added_rows_and_ticks(bench):
    page = bench("/recipes/new/")
    fill_recipe(page)
    page.click("[data-add-row=ingredients]")
    choose(page, 6, "OA")
    page.fill("[name=ingredients-6-amount]", "0,5")
    page.locator("[data-row=steps-0] label", has_text="OA").last.locator("input").check()
    page.wait_for_timeout(HALF_SECOND)
    page.goto("/shelf/")
    page.goto("/recipes/new/")
    assert page.input_value("[name=ingredients-6-amount]") == "0,5"
    assert page.input_value("[name=ingredients-0-amount]") == "29,4"
    assert page.locator("[data-row=steps-0] input:checked").count() == 1
    expect_text(page.locator("[data-ratio-line]"), "1.003 : 1")


def make_batch(bench):
    page = bench("/recipes/new/")
    fill_recipe(page)
    page.click("button[type=submit]:has-text('Save')")
    page.click("a:has-text('Make a batch')")
    page.click("button:has-text('Make the batch')")
    page.wait_for_url(re.compile(r"/batches/.*/edit/"))
    return page


def test_the_balance_is_typed_and_the_deviation_follows(bench):
    page = make_batch(bench)
    page.fill("[name=ingredients-0-weighed]", "29,6")
    page.fill("[name=ingredients-0-uncertainty]", "0.1")
    expect_text(derived(page, 0, "deviation"), "+0.7 %")
    page.click("button:has-text('Save what was weighed')")
    expect_text(page.locator("#messages"), "Saved.")
    assert page.input_value("[name=ingredients-0-weighed]") == "29,6"
    expect_text(derived(page, 0, "deviation"), "+0.7 %")


def test_two_tabs_that_weigh_see_each_other(bench):
    page = make_batch(bench)
    other = page.context.new_page()
    other.goto(page.url)
    page.fill("[name=ingredients-0-weighed]", "29,6")
    page.click("button:has-text('Save what was weighed')")
    expect_text(page.locator("#messages"), "Saved.")
    other.fill("[name=ingredients-0-weighed]", "29,9")
    other.click("button:has-text('Save what was weighed')")
    conflict = other.locator("[data-conflict]")
    expect_text(conflict, "29,9 mg")
    expect_text(conflict, "29,6 mg")
    assert other.input_value("[name=ingredients-0-weighed]") == "29,9"
    other.click("button:has-text('Save what was weighed')")
    expect_text(other.locator("#messages"), "Saved.")


def test_saving_one_form_of_the_bench_keeps_what_was_typed_in_the_others(bench):
    page = make_batch(bench)
    page.fill("[name=title]", "second try")
    page.fill("[name=outcome_note]", "clear and blue")
    page.fill("[name=ingredients-0-weighed]", "29,6")
    page.click("button:has-text('Save what was weighed')")
    expect_text(page.locator("#messages"), "Saved.")
    assert page.input_value("[name=ingredients-0-weighed]") == "29,6"
    assert page.input_value("[name=title]") == "second try"
    assert page.input_value("[name=outcome_note]") == "clear and blue"
    expect_text(page.locator("#about .alert"), "restored")
    page.click("#about button[type=submit]")
    expect_text(page.locator("#messages"), "Saved.")
    expect_text(page.locator("h1"), "second try")
    assert page.input_value("[name=outcome_note]") == "clear and blue"


@pytest.mark.parametrize(
    "path", ["/recipes/", "/recipes/new/", "/shelf/", "/shelf/chemicals/new/", "/shelf/stocks/new/"]
)
def test_a_phone_does_not_scroll_sideways(bench, path):
    page = bench(path)
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_bench_page_fits_a_phone_and_opens_a_numeric_keyboard(bench):
    page = make_batch(bench)
    page.set_viewport_size({"width": 375, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.get_attribute("[name=ingredients-0-weighed]", "inputmode") == "decimal"
