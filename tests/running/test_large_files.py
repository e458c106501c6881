"""A large file goes through the whole lab without being held in memory: web server, store, worker.

64 MB at every run; ``QDLAB_LONG=1`` sends 3 GB.
"""

import http.client
import json
import os
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil

from tests.lab import family_of, wait_until

MB = 2**20
SIZE = (3_000 if os.environ.get("QDLAB_LONG") else 64) * MB
HEAD = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"  # a video by its first bytes
ALLOWED = 24 * MB  # pieces of 64 kB to 1 MB in a few threads; a file held once would show as its size
EDGE = "--edge-of-the-file"


START = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="film.mp4"\r\n\r\n'.encode()
END = f"\r\n--{EDGE}--\r\n".encode()


def body() -> Iterator[bytes]:
    yield START + HEAD
    left = SIZE - len(HEAD)
    while left > 0:
        yield bytes(min(left, MB))
        left -= MB
    yield END


def send(live_lab) -> tuple[int, bytes]:
    place = urlsplit(live_lab.url)
    connection = http.client.HTTPConnection(place.hostname, place.port, timeout=600)
    headers = {
        "Authorization": f"Bearer {live_lab.cast['token']}",
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Content-Length": str(len(START) + SIZE + len(END)),
    }
    connection.request("POST", "/api/v1/uploads/", body(), headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def rss(processes) -> int:
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def test_a_large_video_is_stored_and_told_with_flat_memory(live_lab):
    assert live_lab.get("/api/v1/uploads/")[0] == 200  # warm
    web = family_of(live_lab.child("gunicorn"))
    before, peak, done = rss(web), [0], threading.Event()

    def watch() -> None:
        while not done.is_set():
            peak[0] = max(peak[0], rss(web))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        status, answer = send(live_lab)
        assert status == 201, answer
        file = json.loads(answer)["uploads"][0]["id"]
        address = f"/api/v1/uploads/{file}/"
        wait_until(lambda: json.loads(live_lab.get(address)[1])["status"] not in ("received", "reading"), "the video")
    finally:
        done.set()
        watcher.join()
    told = json.loads(live_lab.get(address)[1])
    assert (told["status"], told["size"], told["warning_codes"]) == ("read", SIZE, ["video_not_read"])
    assert peak[0] - before < ALLOWED, f"{(peak[0] - before) / MB:.0f} MB more for a file of {SIZE / MB:.0f} MB"
    print(f"{(peak[0] - before) / MB:.1f} MB more for a file of {SIZE / MB:.0f} MB")
    assert not list((live_lab.lab.data / "incoming").iterdir())
