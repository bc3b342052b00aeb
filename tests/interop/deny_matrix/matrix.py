"""Matrix: a backend and no door, so that no client comes in by it."""
VERBS = set()
