"""Both doors over a large stock: `python -m bench.doors` fills a stack as `make run NUMBERS=...` does, and measures
each page. `pages` says what is looked at, `looking` looks, `page` writes `bench/doors-results.md`.
"""
