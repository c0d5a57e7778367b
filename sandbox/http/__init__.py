"""The carriers' HTTP doors: the ordering API of each carrier, and the control API for tests."""
