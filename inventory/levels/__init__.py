"""What stands on each shelf: how many numbers of a country, type and area code, against what is to be there."""
