"""Whether what a customer gave meets what a country asks: every requirement, every field, and why not.

Pure: no models, no database, no settings. The law is the section "Evaluation" of the README of the regulation data.
"""

from compliance.evaluation.evaluate import evaluate

__all__ = ["evaluate"]
