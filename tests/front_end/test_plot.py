import csv
import io

import pytest


@pytest.fixture
def plots(open_part):
    page = open_part("plot")
    page.wait_for_selector("#pl[data-plot-drawn]")
    page.wait_for_selector("#dec[data-plot-drawn]")
    return page


def saved(page, button) -> bytes:
    with page.expect_download() as download:
        page.click(button)
    with open(download.value.path(), "rb") as file:
        return file.read()


def test_figures_are_drawn_without_breaking_the_policy(plots):
    # ``open_part`` fails on any refusal: style elements, style attributes of superscripts, shaders made with eval.
    assert plots.locator("#pl .scatterlayer .trace").count() == 2
    assert "WebGL" not in plots.locator("#pl").inner_text()
    superscript = plots.locator("#pl .ytitle tspan").first
    assert superscript.evaluate("element => element.style.fontSize") == "70%"


def test_the_csv_holds_exactly_what_is_drawn(plots):
    text = saved(plots, "#pl [data-plot-save=csv]").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["curve"] for row in rows} == {"first, fast", "second"}  # what is switched off is left out
    assert [float(row["Wavelength (nm)"]) for row in rows[:10]] == [400 + 10 * n for n in range(10)]
    assert [float(row["I (s^−1)"]) for row in rows[:10]] == list(range(10))
    assert rows[10]["u(I (s^−1))"] == "0.5"
    assert rows[0]["u(I (s^−1))"] == ""


def test_another_view_is_drawn_and_then_saved(plots):
    plots.click("#pl [data-plot-view='/figure/ev/']")
    plots.wait_for_selector("#pl .xtitle:has-text('Energy')")
    assert plots.get_attribute("#pl [data-plot-view='/figure/ev/']", "aria-pressed") == "true"
    assert plots.get_attribute("#pl [data-plot-view='pl-0']", "aria-pressed") == "false"
    assert "Energy (eV)" in saved(plots, "#pl [data-plot-save=csv]").decode("utf-8-sig").splitlines()[0]


def test_svg_and_png_are_pictures_on_white_paper(open_part):
    page = open_part("plot", dark=True)
    page.wait_for_selector("#pl[data-plot-drawn]")
    svg = saved(page, "#pl [data-plot-save=svg]").decode()
    assert svg.startswith("<svg")
    assert "rgb(255, 255, 255)" in svg
    assert "Wavelength (nm)" in svg
    assert saved(page, "#pl [data-plot-save=png]").startswith(b"\x89PNG")


def test_a_decay_can_be_looked_at_with_and_without_the_logarithm(plots, until):
    kind = "document.querySelector('#dec [data-plot-area]')._fullLayout.yaxis.type"
    assert plots.evaluate(kind) == "log"
    plots.click("#dec [data-plot-log]")
    until(plots, f"{kind} === 'linear'")
    assert plots.get_attribute("#dec [data-plot-log]", "aria-pressed") == "false"


def test_the_theme_reaches_figures_that_are_drawn_already(plots, until):
    ink = "document.querySelector('#pl [data-plot-area]')._fullLayout.font.color"
    assert plots.evaluate(ink) == "#1f2228"
    plots.evaluate("qdlabTheme.choose('dark')")
    until(plots, f"{ink} === '#e3e4e8'")
    plots.reload()
    assert plots.evaluate("document.documentElement.dataset.bsTheme") == "dark"


@pytest.mark.parametrize("width", [375, 1280])
def test_a_figure_stays_inside_the_page(open_part, width):
    page = open_part("plot", width=width)
    page.wait_for_selector("#pl[data-plot-drawn]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    drawn = page.locator("#pl .main-svg").first.bounding_box()
    assert drawn["x"] >= 0
    assert drawn["x"] + drawn["width"] <= width


def test_a_figure_says_in_words_what_it_shows(plots):
    area = plots.locator("#dec [data-plot-area]")
    assert area.get_attribute("role") == "img"
    assert area.get_attribute("aria-label") == "Decay. Lifetime 9.02 ns."
    assert plots.get_by_role("button", name="Save Decay as CSV").count() == 1


def test_a_figure_that_cannot_be_had_says_so(open_part):
    page = open_part("broken-plot")
    page.wait_for_selector("text=The figure could not be drawn.")


def test_a_map_is_saved_as_a_table_with_one_column_per_spectrum(open_part):
    page = open_part("plot-map")
    page.wait_for_selector("#map[data-plot-drawn]")
    lines = saved(page, "#map [data-plot-save=csv]").decode("utf-8-sig").splitlines()
    assert lines[0] == "curve,wavelength (nm),time (min) 0,time (min) 4,time (min) 8"
    assert lines[1].split(",")[1:] == ["400", "1", "3", "5"] and lines[2].split(",")[1:] == ["401", "2", "4", "6"]
