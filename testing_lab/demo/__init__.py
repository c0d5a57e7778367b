"""A stock of any size for the demonstration, made inside PostgreSQL: what a page costs shows only where there is much.

`blocks` chooses numbers that the plans of their countries allow, `bare` takes away what makes inserting slow, `sql/`
has the statements, `numbers` runs the first of them, for the benchmark too, and `filling` all of them. It stands in the
topmost of the rooms since it makes rows of all of them.
"""
