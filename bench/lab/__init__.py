"""How accurate the testing lab is, how fast, and what it says when its machine is busy: `make bench-lab`."""
