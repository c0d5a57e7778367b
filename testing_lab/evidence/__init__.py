"""What is kept behind a verdict: what was said on the wire, what became of each packet, what could be heard."""
