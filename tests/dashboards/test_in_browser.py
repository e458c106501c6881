"""The dashboards in a real browser: what is drawn is what was measured, the address is the view, nothing is refused."""

import re

import pytest

from tests.browser import listen
from tests.dashboards.test_compare_page import COLOURS, address, peak


@pytest.fixture
def look(browser, live_server, client, chemist):
    """``look("/batches/")``: a page as the chemist sees it. What the browser complains about fails the test."""
    client.force_login(chemist)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    contexts, complaints = [], []

    def at(path: str, width: int = 1280, dark: bool = False):
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        context.add_cookies([cookie])
        page = context.new_page()
        complaints.append(listen(page))
        assert page.goto(path).status == 200
        return page

    yield at
    for context in contexts:
        context.close()
    assert not any(complaints), complaints


def drawn(page, figure: str) -> list[dict]:
    """The curves of a figure as Plotly holds them: name, x, y, error."""
    page.wait_for_selector(f"#{figure}[data-plot-drawn]")
    return page.evaluate(
        """(id) => document.querySelector(`#${id} [data-plot-area]`)._fullData.map((one) => ({
            name: one.name, x: [...one.x], y: [...one.y], u: one.error_y?.array ? [...one.error_y.array] : [],
        }))""",
        figure,
    )


@pytest.mark.django_db(transaction=True)
def test_a_comparison_draws_what_was_measured(look, make):
    a, b = make("A", peak(453) | COLOURS), make("B", peak(463))
    page = look(address(a, b, x="position"))
    (points,) = drawn(page, "property")
    assert points["y"] == [453, 463]
    assert points["u"] == [0.3, 0.3]
    curves = drawn(page, "emission")
    assert [curve["name"] for curve in curves] == ["A", "B"]
    assert max(y for y in curves[0]["y"] if y is not None) == pytest.approx(1e5)
    colours = {curve["name"]: curve for curve in drawn(page, "cie")}
    assert colours["Rec.2020"]["x"][2] == pytest.approx(0.131, abs=1e-6)  # the blue primary
    assert colours["MLA·MA·QD₄"]["x"] == [0.15]


@pytest.mark.django_db(transaction=True)
def test_every_choice_goes_into_the_address(look, make):
    page = look(address(make("A", peak(453)), make("B", peak(463))))
    page.check("#view_normalise")
    page.wait_for_url(re.compile("normalise=1"))
    assert max(y for y in drawn(page, "emission")[0]["y"] if y is not None) == pytest.approx(1)
    page.select_option("#view_unit", "eV")
    page.wait_for_url(re.compile("unit=eV"))
    assert "normalise=1" in page.url
    energy = drawn(page, "emission")[0]["x"]
    assert (min(energy), max(energy)) == pytest.approx((1239.84198 / 550, 1239.84198 / 400), rel=1e-6)


@pytest.mark.django_db(transaction=True)
def test_ticked_batches_are_compared(look, make):
    a, b = make("A", peak(453)), make("B", peak(463))
    page = look("/batches/")
    for batch in (a, b):
        page.check(f"input[data-pick][value='{batch.pk}']")
    page.click("[data-pick-link]")
    page.wait_for_url(re.compile(r"/compare/\?batch="))
    assert {curve["name"] for curve in drawn(page, "emission")} == {"A", "B"}


@pytest.mark.django_db(transaction=True)
def test_a_number_filter_is_set_and_taken_away_by_hand(look, make):
    make("A", peak(453))
    make("B", peak(463))
    page = look("/batches/")
    page.click("summary:has-text('Filter on a number')")
    page.select_option("#filter_what", "emission_peak_nm")
    page.fill("#filter_from", "460")
    page.click("button:has-text('Add this filter')")
    page.wait_for_url(re.compile("emission_peak_nm__gte=460"))
    assert page.locator("#batches tbody tr").count() == 1
    page.click("a:has-text('Emission maximum ≥ 460')")
    page.wait_for_selector("#batches tbody tr:nth-child(2)")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "dark"), [(375, True), (1280, False)])
def test_every_page_stays_inside_its_width(look, make, width, dark):
    batch = make("A", peak(453) | COLOURS)
    for path in ("/", "/batches/", f"/batches/{batch.pk}/", address(batch), "/compare/"):
        page = look(path, width, dark)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        if page.locator("[data-plot]").count():
            page.wait_for_selector("[data-plot][data-plot-drawn]")
