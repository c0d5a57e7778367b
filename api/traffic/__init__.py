"""Traffic events, for the machines of the operator: call records and messages of numbers that nobody has."""
