"""Bringing in numbers one already owns: lines are read and judged one by one, and loaded together or not at all."""
