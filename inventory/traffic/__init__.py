"""Traffic: who called or wrote to the numbers that nobody has, as feeds of call records and our own trunk tell it."""
