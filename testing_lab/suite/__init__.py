"""The capability tests, one file each. `testing_lab.registry` finds them."""
