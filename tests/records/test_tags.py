import json
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation

from spectra.notes import Note


def rendered(source: str, **context) -> str:
    return Template("{% load qdlab %}" + source).render(Context(context))


def test_a_quantity_is_written_with_its_unit():
    assert (
        rendered("{% quantity v u unit %}", v=9.02, u=0.05, unit="ns") == '<span class="quantity">9.02 ± 0.05 ns</span>'
    )


def test_a_quantity_without_a_value_says_the_reason():
    reason = Note("few_dilutions", "Only {n} dilutions: three are needed.", {"n": 2}).as_json()
    html = rendered("{% quantity v u unit reason %}", v=None, u=None, unit="", reason=reason)
    assert html == '<span class="quantity missing">Only 2 dilutions: three are needed.</span>'


def test_a_note_is_translated_before_its_values_are_filled_in(monkeypatch):
    asked = []
    monkeypatch.setattr("qdlab.records.sentences.gettext", lambda text: asked.append(text) or "あと {n} 個")
    with translation.override("ja"):
        assert rendered("{{ n|note }}", n={"code": "x", "text": "{n} more", "values": {"n": 2}}) == "あと 2 個"
    assert asked == ["{n} more"]


def test_what_a_file_says_about_itself_is_escaped_in_a_note():
    html = rendered("{{ n|note }}", n={"code": "x", "text": "Read {title}", "values": {"title": "<script>"}})
    assert html == "Read &lt;script&gt;"


@pytest.mark.parametrize("colour", ["", None, "red", '#fff"><script>', "url(#x)", "#12345"])
def test_a_swatch_takes_nothing_but_a_hex_colour(colour):
    assert rendered("{% swatch c %}", c=colour) == ""


def test_a_swatch_needs_no_style_attribute():
    html = rendered('{% swatch c "blue" %}', c="#0022ff")
    assert 'fill="#0022ff"' in html
    assert "style=" not in html
    assert 'aria-label="blue"' in html


def test_a_figure_in_the_page_cannot_close_its_script_element():
    html = rendered('{% plot f "pl" "Emission" %}', f={"data": [{"name": "</script><script>alert(1)"}], "layout": {}})
    inside = html.split('type="application/json">')[1].split("</script>")[0]
    assert json.loads(inside)["data"][0]["name"] == "</script><script>alert(1)"


def test_the_views_of_a_figure_are_buttons_and_the_first_is_pressed():
    html = rendered('{% plot None "pl" "Emission" views=v %}', v={"nm": {"data": []}, "eV": "/figures/1?x=ev"})
    assert 'data-figure="pl-0"' in html
    assert 'data-plot-view="/figures/1?x=ev" aria-pressed="false"' in html


def test_no_template_has_a_style_attribute_or_an_inline_event_handler():
    # The Content-Security-Policy refuses both; a browser test sees only the pages that it opens.
    for path in sorted(Path(settings.BASE_DIR, "templates").rglob("*.html")):
        source = path.read_text()
        assert " style=" not in source, path
        for handler in (" onclick=", " onchange=", " onsubmit=", " onload=", " hx-on", "javascript:"):
            assert handler not in source, path
