"""The console's home: what is on fire, the yard, stock by country, what came in and went out."""
