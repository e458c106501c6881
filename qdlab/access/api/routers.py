"""Addresses: those of resources end with a slash, those of tables and files do not; each answers in the other form too.

Django reverses a name to the pattern that stands last, so the canonical form stands last.
"""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

PLAIN = ("uploads-raw",)  # actions whose address ends without a slash


def both_forms(route: str, view, name: str, slash: bool = True) -> list:
    """The two patterns of ``route`` (a regular expression without its end); ``slash`` tells which one is canonical."""
    patterns = [re_path(f"^{route}$", view, name=name), re_path(f"^{route}/$", view, name=name)]
    return patterns if slash else patterns[::-1]


class BothSlashes(SimpleRouter):
    def get_urls(self):
        return [
            pattern
            for found in super().get_urls()
            for pattern in both_forms(
                str(found.pattern).removeprefix("^").removesuffix("/$"),
                found.callback,
                found.name,
                found.name not in PLAIN,
            )
        ]


def one_form_of_each_address(endpoints, **_kwargs):
    """For the description: every address in its canonical form only."""
    plain = {path for path, *_rest in endpoints if path.endswith(("/tables/batches", "/spectra/data", "/raw"))}
    kept = {path for path, *_rest in endpoints if path.endswith("/") and path.removesuffix("/") not in plain} | plain
    return [endpoint for endpoint in endpoints if endpoint[0] in kept]
