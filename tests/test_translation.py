"""Every text that people read is marked for translation, and the Japanese catalogue says what the program says."""

import importlib
import pkgutil
import re
import shutil
import string
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django import forms
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise

from qdlab.records.sentences import sentence
from qdlab.records.templatetags.qdlab import note
from qdlab.running.lab import ROOT
from spectra.analysis import METHODS
from spectra.analysis.method import Component
from spectra.api.notes import note_out
from spectra.notes import Note
from tests import marked_texts

PACKAGES = ("qdlab", "spectra", "synthesis")
CATALOGUE = ROOT / "qdlab" / "locale" / "ja" / "LC_MESSAGES" / "django.po"
COVERED = 0.95  # colleagues add sentences between two renewals of the catalogue


def named(paths: list[Path]) -> list:
    return [pytest.param(path, id=str(path.relative_to(ROOT))) for path in paths]


def said(path: Path, search) -> list[str]:
    return search(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


# --- What is marked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", named(marked_texts.files(ROOT, ("templates",), ".html")))
def test_a_template_shows_no_word_that_cannot_be_translated(path):
    assert said(path, marked_texts.unmarked_in_template) == []


def test_no_text_in_python_is_shown_that_cannot_be_translated():
    found = [
        line
        for path in marked_texts.files(ROOT, PACKAGES, ".py")
        for line in said(path, marked_texts.unmarked_in_python)
    ]
    assert found == []


def test_texts_are_translated_first_and_filled_in_afterwards():
    found = [
        line
        for path in marked_texts.files(ROOT, PACKAGES, ".py")
        for line in said(path, marked_texts.filled_before_translation)
    ]
    assert found == []


def test_scripts_in_the_browser_show_only_texts_of_the_server():
    found = [
        line
        for path in marked_texts.files(ROOT, PACKAGES, ".js")
        for line in said(path, marked_texts.unmarked_in_javascript)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("<p>Batches</p>", "t:1: Batches"),
        ("<p>\n\n  {{ n }} files of {{ who }}</p>", "t:3: ※ files of ※"),
        ('<a title="Open it" href="{% url "x" %}">{{ x }}</a>', "t:1: Open it"),
        ('<input type="submit" value="Save">', "t:1: Save"),
        ('{{ name|default:"nobody" }}', "t:1: nobody"),
        ('{% empty_state "No batches yet" %}', "t:1: No batches yet"),
        ('{% include "_a.html" with heading="Files" %}', "t:1: Files"),
    ],
)
def test_a_forgotten_word_in_a_template_is_found(source, line):
    assert marked_texts.unmarked_in_template(source, "t") == [line]


@pytest.mark.parametrize(
    "source",
    [
        '{% translate "Batches" %} 12 nm, CSV <script>const words = "Batches of two"</script>{# a note #}',
        "{% blocktranslate count n=n %}{{ n }} file{% plural %}{{ n }} files{% endblocktranslate %}",
        '<form data-key="recipe:{{ pk|default:\'new\' }}">{% include "a b.html" %}</form>{{ _("some words") }}',
    ],
)
def test_what_is_translated_or_unread_in_a_template_is_no_fault(source):
    assert marked_texts.unmarked_in_template(source, "t") == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ('raise ValidationError("No such thing.")', "m:1: No such thing."),
        ('raise ValidationError({"code": f"No {x} here."})', "m:1: f'No {x} here.'"),
        ('messages.error(request, "Not stored.")', "m:1: Not stored."),
        ('x = Note("code", "Only {n} points.", {"n": 1})', "m:1: Only {n} points."),
        ('TEXT = "Too few"\nfindings.warn("few", TEXT, n=1)', "m:1: Too few"),
        ('f = forms.CharField(label="Name")', "m:1: Name"),
        ('class Kind(models.TextChoices):\n    A = "a", "First kind"', "m:2: First kind"),
        ('class Thing:\n    class Meta:\n        verbose_name = "thing"', "m:3: thing"),
    ],
)
def test_a_forgotten_text_in_python_is_found(source, line):
    assert marked_texts.unmarked_in_python(source, "m") == [line]


@pytest.mark.parametrize(
    "source",
    [
        'raise ValidationError(_("No such thing."))',
        'raise ValidationError({"code": _("No {x} here.").format(x=x)})',
        'log.warning("%s was not there", x)',
        'x = Note("code", gettext_noop("Only {n} points."), {"n": 1})',
        'TEXT = gettext_noop("Too few")\nfindings.warn("few", TEXT, n=1)',
    ],
)
def test_marked_texts_in_python_are_no_fault(source):
    assert marked_texts.unmarked_in_python(source, "m") == []


@pytest.mark.parametrize(
    "source", ['_(f"{n} files")', 'gettext("{n} files".format(n=3))', '_("a" + b)', '_("%d files" % n)']
)
def test_a_text_filled_in_before_its_translation_is_found(source):
    assert len(marked_texts.filled_before_translation(source, "m")) == 1


@pytest.mark.parametrize(
    "source",
    [
        'note.textContent = "Saved";',
        "button.setAttribute('aria-label', `Close`);",
        'const told = "The file was not stored";',
        'const row = { text: "The file was not stored", class: "bad" };',
    ],
)
def test_a_text_of_a_script_itself_is_found(source):
    assert len(marked_texts.unmarked_in_javascript(source, "s")) == 1


@pytest.mark.parametrize(
    "source",
    [
        "// The file was not stored\nconst a = x.querySelector('[data-plot-wait] button.close'); a.textContent = text('saved');",
        'if (here.closest("input, select, textarea")) return;',
        'make("p", { class: "quiet small mb-0" }); node.className = "quiet small mb-0";',
    ],
)
def test_code_names_and_comments_of_a_script_are_no_fault(source):
    assert marked_texts.unmarked_in_javascript(source, "s") == []


# --- What only the running program knows ------------------------------------------------------------------------------


def own_forms() -> list[type[forms.BaseForm]]:
    for name in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / name)], f"{name}."):
            if module.name.rpartition(".")[2] == "admin" or ".forms" in module.name:
                importlib.import_module(module.name)
    found, waiting = [], [forms.BaseForm]
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form.__module__.startswith(PACKAGES):
                found.append(form)
    return found


def test_every_label_and_help_text_of_a_form_is_looked_up_when_it_is_shown():
    """A field without a label shows its own name in English; a label made by ``gettext`` stays in the language of the start."""
    found = [
        f"{form.__module__}.{form.__qualname__}.{name}: {text!r}"
        for form in own_forms()
        for name, field in form.base_fields.items()
        if not isinstance(field.widget, forms.HiddenInput)
        for text in (field.label, field.help_text)
        if not isinstance(text, Promise) and (text is None or marked_texts.has_words(text))
    ]
    assert own_forms() and found == []


def words_of_methods() -> set[str]:
    texts = set()
    for method in METHODS.values():
        texts |= {method.title} | {role.label for role in method.roles} | {kind.label for kind in method.quantities}
        for parameter in method.parameters:
            texts |= {parameter.label, parameter.help} | set(parameter.choices)
    return {text for text in texts if marked_texts.has_words(text)}


def test_every_word_of_a_method_stands_in_the_catalogue_as_it_is_looked_up(catalogue):
    assert words_of_methods() - {entry.msgid for entry in catalogue} == set()


# --- Notes ------------------------------------------------------------------------------------------------------------


def test_a_word_in_a_note_is_translated_like_its_sentence():
    found = Note(
        "x",
        "The {which} does not emit more than its blank. Please check the emission spectra and the window.",
        {"which": "sample"},
    )
    with translation.override("ja"):
        on_page, in_api = note(found.as_json()), note_out(found.as_json())["text"]
    assert on_page == in_api
    assert "試料" in on_page and not re.search("[a-z]", on_page)


def test_names_in_a_note_stay_as_people_wrote_them():
    with translation.override("ja"):
        text = sentence(
            "{source} has a flat top of {n} points: was the detector saturated?", {"source": "sample", "n": 5}
        )
    assert text.startswith("sample") and "5" in text


def test_a_note_of_another_version_is_shown_as_it_is():
    assert sentence("Only {n} dilutions.", {"count": 2}) == "Only {n} dilutions."


def test_components_of_budgets_are_translated(catalogue):
    known = {entry.msgid for entry in catalogue}
    names = set()
    for path in marked_texts.files(ROOT, ("spectra/analysis",), ".py"):
        names |= set(
            re.findall(rf'{Component.__name__}\(\s*gettext_noop\("([^"]+)"\)', path.read_text(encoding="utf-8"))
        )
    assert {"noise", "slit"} <= names <= known


# --- The catalogue ----------------------------------------------------------------------------------------------------


def test_the_compiled_catalogue_is_what_the_written_one_says(catalogue):
    compiled = polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    told = {(e.msgctxt, e.msgid, e.msgstr, tuple(sorted(e.msgstr_plural.items()))) for e in compiled}
    written = {
        (e.msgctxt, e.msgid, e.msgstr, tuple(sorted(e.msgstr_plural.items()))) for e in catalogue.translated_entries()
    }
    assert told == written, "Run `make messages`."


def test_nothing_in_the_catalogue_is_guessed_or_left_over(catalogue):
    assert [e.msgid for e in catalogue.fuzzy_entries()] == []
    assert [e.msgid for e in catalogue.obsolete_entries()] == []


def places(text: str) -> set[str]:
    """The named places of a text: ``{n:.3g}`` → n, ``%(code)s`` → %code; ``%%`` and a lone ``%`` are no places."""
    named = set(re.findall(r"%\((\w+)\)[sd]", text))
    plain = re.sub(r"%\(\w+\)[sd]", "", text)
    return {field for _text, field, _spec, _conversion in string.Formatter().parse(plain) if field} | {
        f"%{n}" for n in named
    }


def pairs(entry: polib.POEntry) -> list[tuple[str, str]]:
    if not entry.msgid_plural:
        return [(entry.msgid, entry.msgstr)]
    return [(entry.msgid_plural, text) for text in entry.msgstr_plural.values()]


def test_a_translation_has_the_places_of_its_original(catalogue):
    wrong = [
        (given, told)
        for entry in catalogue.translated_entries()
        for given, told in pairs(entry)
        if places(given) != places(told)
        or sorted(re.findall(r"<[^>]+>", given)) != sorted(re.findall(r"<[^>]+>", told))
    ]
    assert wrong == []


def test_numbers_in_a_translation_are_formatted_as_in_its_original(catalogue):
    specs = re.compile(r"\{\w+:[^}]*\}")
    wrong = [
        given
        for entry in catalogue.translated_entries()
        for given, told in pairs(entry)
        if sorted(specs.findall(given)) != sorted(specs.findall(told))
    ]
    assert wrong == []


def test_the_catalogue_is_japanese_and_complete(catalogue):
    assert catalogue.metadata["Language"] == "ja" and catalogue.metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    entries = [entry for entry in catalogue if not entry.obsolete]
    assert len(catalogue.translated_entries()) / len(entries) >= COVERED


@pytest.mark.skipif(not shutil.which("xgettext"), reason="xgettext (GNU gettext) is not on this machine")
def test_the_catalogue_knows_the_texts_of_the_program(catalogue, tmp_path):
    """Django's own extraction over a copy of the sources, against the catalogue."""
    for name in (*PACKAGES, "templates"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("locale", "__pycache__"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    (tmp_path / "qdlab" / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", "--locale", "ja", "--no-wrap"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = polib.pofile(str(tmp_path / CATALOGUE.relative_to(ROOT)))
    translated = {(entry.msgctxt, entry.msgid) for entry in catalogue.translated_entries()}
    missing = [entry.msgid for entry in found if (entry.msgctxt, entry.msgid) not in translated]
    assert len(found) > 1000
    assert len(missing) / len(found) <= 1 - COVERED, f"Run `make messages` and translate: {missing}"


# --- Languages as people choose them ----------------------------------------------------------------------------------


def test_the_sign_in_page_follows_the_browser(client):
    page = client.get(reverse("access:sign_in"), headers={"Accept-Language": "ja,en;q=0.5"})
    assert page.status_code == 200
    assert '<html lang="ja"' in page.content.decode() and "サインイン" in page.content.decode()
