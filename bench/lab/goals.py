"""What is to be reached (issue 3 of the project)."""

RECALL = 0.98
PRECISION = 0.97
WRONGED = 1 / 400
CPU_EACH = 0.4
MEMORY_EACH = 3.0  # MB


def verdict(is_good: bool) -> str:
    """In a word."""
    return "reached" if is_good else "**missed**"
