"""Numbers that a regulator allocated to us: which are active, in which block the next is, how well blocks are used."""
