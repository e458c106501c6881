"""What a browser without scripts would send, and what it would show."""

import re

from tests import factories


def form_data(response) -> dict:
    """What the first form of a page would send."""
    html = response.content.decode()
    html = re.sub(r"<template.*?</template>", "", html, flags=re.S)
    found = {}
    for tag in re.findall(r"<input[^>]*>", html):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and (('type="radio"' not in tag and 'type="checkbox"' not in tag) or "checked" in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name, body in re.findall(r'<select name="([^"]*)".*?>(.*?)</select>', html, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        found[name] = [chosen[1] if chosen else ""]
    for name, body in re.findall(r'<textarea name="([^"]*)".*?>(.*?)</textarea>', html, flags=re.S):
        found[name] = [body.strip()]
    return found


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def recipe_data(**changes) -> dict:
    """The editor's fields for recipe 1 with a step, as a browser sends them."""
    on = factories.shelf()
    rows = [("PbBr₂", "lead", "29,4", "mg"), ("MABr", "a-site", "9.0", "mg"), ("MLA", "acid", "4", "{equiv}"),
            ("OAM", "amine", "39.6", "uL"), ("DMF", "solvent", "2", "mL"), ("Toluene", "antisolvent", "8", "mL")]  # fmt: skip
    data = {"name": "MLA·MA·QD₄", "description": "", "reference_equivalents": "1", "reference": "i1"}
    data |= {
        "ingredients-TOTAL_FORMS": "7",
        "ingredients-INITIAL_FORMS": "0",
        "steps-TOTAL_FORMS": "2",
        "steps-INITIAL_FORMS": "0",
    }
    for n, (name, role, amount, unit) in enumerate(rows):
        row = {"key": f"i{n + 1}", "substance": f"chemical:{on[name].pk}", "role": role, "amount": amount, "unit": unit}
        data |= {f"ingredients-{n}-{k}": v for k, v in row.items()}
    data |= {"ingredients-6-role": "additive", "ingredients-6-key": "i7"}
    data |= {
        "steps-0-kind": "add_dropwise",
        "steps-0-volume": "250",
        "steps-0-drop_interval": "6 s",
        "steps-0-into": "i6",
    }
    data |= {"steps-0-ingredients": ["i4"]}
    return data | changes
