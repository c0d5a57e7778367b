"""The benchmark: `make bench`. It makes a stock of millions, asks raw SQL and HTTP the same questions side by side,
buys, imports, and writes `results.md` and `results.svg`."""
