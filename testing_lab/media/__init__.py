"""Media of a test call over real sockets: RTP sessions, the meter, the probe, the E-model. Pure asyncio and numpy.

The analysis functions (`meter`, `probe`, `emodel`, `instrument`) are pure and take some milliseconds per call: a daemon
with many calls runs them in a process of their own (`testing_lab.calculator`), so that they never hold up the pacer.
"""
