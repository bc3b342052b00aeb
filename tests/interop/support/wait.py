"""Waiting for what a test cannot be told."""
import time

SECONDS = 60


def until(holds, what, seconds=SECONDS):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)  # between two looks
