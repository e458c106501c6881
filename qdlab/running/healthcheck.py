"""``python -m qdlab.running.healthcheck``: does the web server in this container answer /healthz? (exit code 0 or 1)"""

import os
import sys
import urllib.error
import urllib.request


def answers() -> bool:
    host = os.environ.get("QDLAB_HOSTS", "localhost").split(",")[0].strip()
    url = f"http://127.0.0.1:{os.environ.get('QDLAB_PORT', '8000')}/healthz"
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers={"Host": host}), timeout=10) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError) as problem:
        print(problem, file=sys.stderr)
        return False


if __name__ == "__main__":
    sys.exit(0 if answers() else 1)
