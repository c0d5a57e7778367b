"""An agent and a hand-played peer, as the tests of SIP have them."""

from tests.testing_lab.sip.conftest import agent, peer, start_agent

__all__ = ["agent", "peer", "start_agent"]
