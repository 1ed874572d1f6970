"""A system that takes its time to import, and does not notice that nobody waits any more."""

import time

time.sleep(60)
