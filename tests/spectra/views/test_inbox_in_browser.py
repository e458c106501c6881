"""Many files in a real browser, with a real worker: dropped, left, found again, put in place, and taken back."""

import os
import re
import time
from itertools import count

import pytest

from tests.spectra.views.test_in_browser import PATIENCE_MS, drop, inbox, spectrum, text_file, wait_for  # noqa: F401
from tests.spectra.walk import emission_file

MANY = 200 if os.environ.get("QDLAB_LONG") else 40
MAKE_SAMPLE = """
import django; django.setup()
from qdlab.access.models import Project, User
from synthesis.models import Batch
from tests import factories
person = User.objects.get(username="chemist")
project = Project.objects.get(pk="{project}")
code = f"INB-{{Batch.objects.count()}}"
revision = factories.make_recipe(project, by=person, name=code).revisions.get()
print(factories.make_sample(factories.make_batch(project, by=person, revision=revision, code=code), by=person).code)
"""


@pytest.fixture
def sample(live_lab):
    """The code of a fresh sample in the chemist's project."""
    return live_lab.python("-c", MAKE_SAMPLE.format(project=live_lab.cast["project"])).split()[-1]


def row_of(page, name: str):
    return page.locator("#inbox-rows [data-row]", has_text=name)


def test_many_files_are_dropped_left_found_again_and_put_in_place(inbox, sample):  # noqa: F811
    page, seeds = inbox, count(int(time.time()))  # a second try sends other files
    named = [text_file(f"{sample} n{n}.txt", emission_file("x", seed=next(seeds))) for n in range(MANY)]
    word = sample.replace("-", "x")  # nobody's code
    cups = [text_file(f"{word}_c{n}.txt", emission_file(f"cup{word} run", seed=next(seeds))) for n in range(3)]
    twice = {**named[0], "name": "copy.txt"}
    drop(page, *named, twice, *cups)
    wait_for(page, f"{MANY + 4} of {MANY + 4} stored")
    page.locator('.upload-group[data-group="known"]').get_by_text("already there").wait_for(timeout=PATIENCE_MS)
    page.goto("/")  # the page is left while files are still being read
    page.goto("/inbox/")
    wait_for(page, "Your files since")
    for cup in cups:
        row_of(page, cup["name"]).wait_for(timeout=4 * PATIENCE_MS)
    assert row_of(page, f"{sample} n1.txt").count() == 0  # its code was in its name: it found its place by itself

    first = row_of(page, cups[0]["name"])
    first.locator("[data-inbox-accept]").click()  # measured at the same time as those that name their sample
    wait_for(page, "1 file is in its place.")
    group = page.locator("details[data-group]", has=page.locator("[data-row]", has_text=cups[1]["name"]))
    group.get_by_role("button", name=re.compile(r"Accept all \d+ of this group")).click()
    wait_for(page, "files are in their places.")
    assert row_of(page, cups[1]["name"]).count() == 0
    page.get_by_role("button", name=re.compile("Take the last step back")).click()
    row_of(page, cups[1]["name"]).wait_for(timeout=PATIENCE_MS)


def test_files_are_placed_by_keyboard_and_what_is_typed_outlives_a_refresh(inbox, sample):  # noqa: F811
    page = inbox
    names = [f"key-{sample}x{letter}.txt" for letter in "ab"]
    drop(page, *(spectrum(name) for name in names))
    for name in names:
        row_of(page, name).wait_for(timeout=PATIENCE_MS)
    row = row_of(page, names[0])
    row.locator("[name=sample]").fill(sample)
    page.locator("h1").click()
    drop(page, spectrum(f"later-{sample}x.txt"))
    row_of(page, f"later-{sample}x.txt").wait_for(timeout=PATIENCE_MS)
    assert row.locator("[name=sample]").input_value() == sample
    row.focus()
    page.keyboard.press("Space")
    assert row.locator("[data-pick]").is_checked()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.matches('[data-row]')")
    row.focus()
    page.keyboard.press("Enter")
    wait_for(page, f"1 file is on {sample}.")
    assert page.evaluate("document.activeElement.matches('[data-row]')")  # the next one is at hand
