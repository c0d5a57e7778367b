"""Makes `numbering/data/places.tsv.gz` from libphonenumber's geodata and GeoNames. Never imported at run time."""
