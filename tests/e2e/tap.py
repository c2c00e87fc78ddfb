"""What the end-to-end tests say: one line per check, in the manner of TAP, and an exit status."""

import sys
import time


class Checks:
    """Counts what was checked. Every check prints its line at once, so that a hang shows where."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def ok(self, condition, name, detail=""):
        self.passed += bool(condition)
        self.failed += not condition
        print("ok" if condition else "not ok", "-", name, *(["#", detail] if detail and not condition else []), flush=True)
        return bool(condition)

    def equal(self, got, wanted, name):
        return self.ok(got == wanted, name, f"got {got!r}, wanted {wanted!r}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(1 if self.failed or not self.passed else 0)


def poll(condition, seconds, pause=0.05):
    """The first truthy answer of `condition` within so many seconds, else its last one."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > deadline:
            return answer
        time.sleep(pause)
