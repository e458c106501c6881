"""A script that talks to the API, in tests: a token, JSON bodies, and answers as plain data."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qdlab.access import services

ROOT = "/api/v1"


class Script:
    """``get``, ``post`` and ``patch`` take addresses below ``/api/v1``; the answer has ``status_code`` and ``json()``."""

    def __init__(self, token: str):
        self.token = token
        self.client = Client(raise_request_exception=False)

    @classmethod
    def of(cls, person, *scopes: str) -> "Script":
        _token, text = services.make_token(by=person, name="test", scopes=list(scopes) or ["read", "write"])
        return cls(text)

    def get(self, path: str, data: dict | None = None, **headers):
        return self.client.get(ROOT + path, data, headers=self.headers(headers))

    def post(self, path: str, data=None, **headers):
        return self.client.post(ROOT + path, data or {}, "application/json", headers=self.headers(headers))

    def patch(self, path: str, data=None, **headers):
        return self.client.patch(ROOT + path, data or {}, "application/json", headers=self.headers(headers))

    def send(self, method: str, path: str, body: bytes, content_type: str = "application/json", **headers):
        """Any bytes as a body."""
        return self.client.generic(method, ROOT + path, body, content_type, headers=self.headers(headers))

    def upload(self, *files: tuple[str, bytes], **fields):
        """Send files as one multipart request."""
        sent = [SimpleUploadedFile(name, content) for name, content in files]
        return self.client.post(f"{ROOT}/uploads/", {"file": sent, **fields}, headers=self.headers({}))

    def all_of(self, path: str, data: dict | None = None) -> list[dict]:
        """Every row of a list, page by page."""
        answer = self.get(path, data)
        rows = []
        while True:
            assert answer.status_code == 200, answer.content
            rows += answer.json()["results"]
            if answer.json()["next"] is None:
                return rows
            answer = self.client.get(answer.json()["next"], headers=self.headers({}))

    def headers(self, further: dict) -> dict:
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return known | {name.replace("_", "-"): value for name, value in further.items()}


def ids(rows) -> set[str]:
    return {row["id"] for row in rows}
