"""A carrier in a box: sells numbers over HTTP, carries calls over SIP and messages over SMPP, with seeded faults.

Runs as a process of its own (`python -m sandbox`) and shares nothing with the platform but wire protocols.
"""
