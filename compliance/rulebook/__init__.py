"""What a country asks of who wants its numbers: read from one file per country, checked, and turned into typed rules.

Pure: no models, no database. `compliance/data/regulations/README.md` is the grammar of the files.
"""
