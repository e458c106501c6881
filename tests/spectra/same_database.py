"""Settings of a process that a test starts and that works in the test's own database."""

import os

from qdlab.settings import *  # noqa: F403
from qdlab.settings import DATABASES

DATABASES["default"]["NAME"] = os.environ["QDLAB_TEST_NAME"]
