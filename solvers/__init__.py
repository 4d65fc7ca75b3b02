"""The reference solver: pure functions on exact numbers, each returning a frozen trace. Knows nothing of questions."""
