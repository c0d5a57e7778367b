"""What the lab does with a number to observe it: one call or message, shared by the tests that read it."""
