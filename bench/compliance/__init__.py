"""The compliance benchmark: how many evaluations one process makes a second. Needs no server and no database."""
