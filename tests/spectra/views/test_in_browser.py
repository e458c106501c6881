"""Files dropped into a real browser, with a real worker: from the drop to the peak with its uncertainty."""

import re
from itertools import count

import pytest

from tests.spectra.walk import emission_file

PATIENCE_MS = 60_000
_seeds = count(1000)


@pytest.fixture
def inbox(sign_in):
    page = sign_in("chemist")
    page.goto("/inbox/")
    return page


def text_file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "text/plain", "buffer": content}


def spectrum(name: str, peak_nm: float = 453.0) -> dict:
    return text_file(name, emission_file("no code", seed=next(_seeds), peak_nm=peak_nm))


def drop(page, *files: dict) -> None:
    page.set_input_files("input[type=file]", list(files))


def wait_for(page, text: str):
    from playwright.sync_api import expect

    expect(page.locator("main")).to_contain_text(text, timeout=PATIENCE_MS)


def wait_until_drawn(page) -> None:
    for figure in page.locator("[data-plot]").all():
        figure.locator(".main-svg").first.wait_for(timeout=PATIENCE_MS)


def line_of(page, name: str):
    return page.locator(".uploads li", has_text=name)


def test_dropped_files_are_seen_until_they_are_analysed_and_lead_to_the_peak_with_its_uncertainty(inbox):
    page = inbox
    number = next(_seeds)
    first, second, broken = f"first-{number}.txt", f"second-{number}.txt", f"broken-{number}.txt"
    drop(page, spectrum(first), spectrum(second, 463.0), text_file(broken, f"no spectrum at all {number}".encode()))
    for name in (first, second):
        line_of(page, name).locator(".state.done").wait_for(timeout=PATIENCE_MS)
    line_of(page, broken).locator(".state.unreadable").wait_for(timeout=PATIENCE_MS)
    row = page.locator("#inbox-rows [data-row]", has_text=first)
    row.get_by_text("PL emission").wait_for(timeout=PATIENCE_MS)
    row.get_by_text("simulated").wait_for()
    page.locator("#inbox-rows [data-row]", has_text=broken).get_by_text("not recognised as a measurement").wait_for()
    row.get_by_role("link", name="PL emission").click()
    wait_for(page, "Emission maximum")
    wait_until_drawn(page)
    peak = page.locator("tr", has_text="Emission maximum").inner_text()
    value, u = map(float, re.search(r"([\d.]+) ± ([\d.]+)\s+nm", peak).groups())
    assert abs(value - 453.0) < 4 * u < 4


def test_the_views_of_a_spectrum_change_in_place(inbox):
    page, name = inbox, f"views-{next(_seeds)}.txt"
    drop(page, spectrum(name))
    line_of(page, name).locator(".state.done").wait_for(timeout=PATIENCE_MS)
    line_of(page, name).get_by_role("link").click()
    plot = page.locator("[data-plot]").first
    plot.locator(".main-svg").first.wait_for(timeout=PATIENCE_MS)
    plot.get_by_role("button", name="eV", exact=True).click()
    plot.get_by_text("energy", exact=False).first.wait_for(timeout=PATIENCE_MS)
    assert plot.get_by_role("button", name="eV", exact=True).get_attribute("aria-pressed") == "true"


def test_an_unknown_table_is_described_once_and_the_next_one_is_read_without_a_click(inbox):
    page, number = inbox, next(_seeds)
    first, second = f"table-{number}.csv", f"next-{number}.csv"

    def table(name: str, shift: float) -> dict:
        rows = "\n".join(f"{400 + n};{100 / (1 + ((n - 50 - shift) / 8) ** 2):.6f}" for n in range(100))
        return text_file(name, f"scan of {number};signal of {'abcdefghij'[number % 10]}\n{rows}\n".encode())

    drop(page, table(first, next(_seeds) * 1e-4))
    line_of(page, first).locator(".state.unreadable").wait_for(timeout=PATIENCE_MS)
    page.goto(line_of(page, first).get_by_role("link").first.get_attribute("href") + "#columns")
    page.get_by_label("Column 2 is").wait_for(timeout=PATIENCE_MS)
    page.get_by_label("Column 2 is").select_option("")
    page.locator("#columns-preview").get_by_text("Say of at least one column that it is y.").wait_for(
        timeout=PATIENCE_MS
    )
    page.get_by_label("Column 2 is").select_option("y")
    page.get_by_label("unit of x").select_option("nm")
    page.get_by_label("technique of all columns").select_option("pl_emission")
    page.locator("#columns-preview .main-svg").first.wait_for(timeout=PATIENCE_MS)
    page.locator("#columns-preview").get_by_text("100 points from 400 to 499 nm").wait_for(timeout=PATIENCE_MS)
    page.get_by_label("under the name").fill(f"Old fluorimeter {number}")
    page.get_by_role("button", name="Read with these columns").click()
    wait_for(page, "100 points, 400–499 nm")  # the page reloads itself once it was read
    page.goto("/inbox/")
    drop(page, table(second, next(_seeds) * 1e-4))
    line_of(page, second).locator(".state.read, .state.done").first.wait_for(timeout=PATIENCE_MS)
    line_of(page, second).get_by_role("link").click()
    page.get_by_role("link", name=f"Old fluorimeter {number}").click()
    wait_for(page, "version 1")


def test_ticked_rows_keep_their_tick_while_others_are_still_read(inbox):
    page, name = inbox, f"ticked-{next(_seeds)}.txt"
    drop(page, spectrum(name))
    tick = page.locator("#inbox-rows [data-row]", has_text=name).locator("input[type=checkbox]")
    tick.wait_for(timeout=PATIENCE_MS)
    tick.check()
    other = f"later-{next(_seeds)}.txt"
    with page.expect_response(re.compile("/inbox/rows/"), timeout=PATIENCE_MS):
        drop(page, spectrum(other))
    page.locator("#inbox-rows [data-row]", has_text=other).wait_for(timeout=PATIENCE_MS)
    assert tick.is_checked()


def test_other_settings_lead_to_a_new_result_that_appears_by_itself(inbox):
    page, name = inbox, f"again-{next(_seeds)}.txt"
    drop(page, spectrum(name))
    line_of(page, name).locator(".state.done").wait_for(timeout=PATIENCE_MS)
    line_of(page, name).get_by_role("link").click()
    page.locator("table").get_by_role("link", name="no code").click()
    page.get_by_role("link", name="Emission band", exact=True).click()
    page.get_by_text("Compute with other settings").click()
    page.fill("[name=window_min_nm]", "430,5")
    page.get_by_role("button", name="Compute", exact=True).click()
    page.locator("#analysis-state .state.done").wait_for(timeout=PATIENCE_MS)
    wait_for(page, "430.5")
    wait_until_drawn(page)


PLACE = """nm => {
  const area = document.querySelector('#fit [data-plot-area]'), box = area.querySelector('.nsewdrag').getBoundingClientRect();
  return [box.x + area._fullLayout.xaxis.l2p(nm), box.y + box.height / 2];
}"""


def test_points_are_left_out_and_the_window_is_set_by_mouse_and_by_keyboard(inbox):
    from playwright.sync_api import expect

    page, name = inbox, f"chosen-{next(_seeds)}.txt"
    drop(page, spectrum(name))
    line_of(page, name).locator(".state.done").wait_for(timeout=PATIENCE_MS)
    line_of(page, name).get_by_role("link").click()
    page.locator("table").get_by_role("link", name="no code").click()
    page.get_by_role("link", name="Emission band", exact=True).click()
    page.locator("#fit[data-plot-drawn]").wait_for(timeout=PATIENCE_MS)
    page.locator("#fit [data-plot-area]").scroll_into_view_if_needed()

    page.get_by_role("button", name="Choose on the figure").click()
    page.locator("[data-choose-on=true]").wait_for(timeout=PATIENCE_MS)
    drag(page, 500, 510)
    expect(page.get_by_label("from", exact=True)).not_to_have_value("", timeout=PATIENCE_MS)
    page.get_by_role("button", name="Leave these points out").click()
    first, last = (float(one) for one in page.input_value("[name=exclude]").split("-"))
    assert abs(first - 500) < 2 and abs(last - 510) < 2  # a pixel is 0.3 nm wide
    page.locator("#fit [data-plot-area]").scroll_into_view_if_needed()
    left = page.evaluate("document.querySelector('#fit [data-plot-area]')._fullLayout.shapes[0].x0")
    drag(page, left, 430)  # the line at the start of the window
    expect(page.locator("[name=window_min_nm]")).to_have_value(re.compile("^(429|430|431)"), timeout=PATIENCE_MS)

    page.get_by_label("from", exact=True).fill("520")
    page.get_by_label("to", exact=False).first.fill("522,5")
    page.get_by_role("button", name="Leave these points out").press("Enter")
    assert page.input_value("[name=exclude]").endswith(", 520-522.5")
    page.get_by_role("button", name="A band is here").press("Enter")
    assert re.fullmatch(r"4\d\d(\.\d+)?, 521.25", page.input_value("[name=centers_nm]"))  # beside the band of the fit
    page.fill("[name=centers_nm]", "")
    page.get_by_role("button", name="Draw the baseline through these").press("Enter")
    assert page.input_value("[name=baseline_nm]") == "520-522.5"
    page.fill("[name=baseline_nm]", "")
    page.get_by_role("button", name="Compute with these").press("Enter")
    page.locator("#analysis-state .state.done").wait_for(timeout=PATIENCE_MS)
    wait_for(page, "points were left out by choice")
    wait_until_drawn(page)
    names = page.evaluate("document.querySelector('#fit [data-plot-area]').data.map(trace => trace.name)")
    assert "left out" in names


def drag(page, from_nm: float, to_nm: float) -> None:
    (x, y), (to_x, to_y) = page.evaluate(PLACE, from_nm), page.evaluate(PLACE, to_nm)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move((x + to_x) / 2, y, steps=4)
    page.mouse.move(to_x, to_y, steps=4)
    page.mouse.up()


@pytest.mark.parametrize(
    "address", ["/inbox/", "/standards/", "/instruments/", "/sessions/new/", "/standards/new/", "/layouts/"]
)
def test_the_pages_fit_a_phone(inbox, address):
    page = inbox
    page.set_viewport_size({"width": 375, "height": 700})
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_state_and_suggestion_of_a_file_are_seen_on_a_phone_without_scrolling_sideways(inbox):
    inbox.set_viewport_size({"width": 375, "height": 700})
    drop(
        inbox, text_file("a long name of a file that cannot be read by anybody.txt", b"This is prose, not a spectrum.")
    )
    group = inbox.locator("details.inbox-group", has_text="Unreadable").first
    group.wait_for(timeout=PATIENCE_MS)
    if group.get_attribute("open") is None:  # in a full inbox the groups stand closed
        group.locator("summary").first.click()
    row = group.locator("[data-row]", has_text="not recognised as a measurement").first
    row.wait_for(timeout=PATIENCE_MS)
    for cell in row.locator("> *").all():
        box = cell.bounding_box()
        assert box is None or box["x"] + box["width"] <= 375
    assert inbox.evaluate("document.documentElement.scrollWidth") <= 375


def test_reading_a_file_again_shows_in_words_what_would_change_before_it_does(inbox):
    page, name = inbox, f"again-{next(_seeds)}.txt"
    drop(page, spectrum(name))
    line_of(page, name).locator(".state.done").wait_for(timeout=PATIENCE_MS)
    line_of(page, name).get_by_role("link").first.click()
    page.get_by_role("button", name="See what reading it again would change").click()
    wait_for(page, "Every file reads the same. Nothing has to be decided.")
    wait_for(page, "1 file reads the same and stays as it is.")
