"""Real-time fax over IP: ITU-T T.38 over UDPTL, and as much of T.30 as it takes to be ready for a page."""
