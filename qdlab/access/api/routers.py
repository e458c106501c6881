"""Addresses of resources: they end with a slash, and answer without one as well."""

from rest_framework.routers import SimpleRouter


class BothSlashes(SimpleRouter):
    def __init__(self):
        super().__init__()
        self.trailing_slash = "/?"
