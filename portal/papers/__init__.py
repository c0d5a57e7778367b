"""The regulatory form: from "where and who" to the submission, one page for each step.

The draft is the bundle itself with its end user and its papers, as the API has them: written at every step, so that
leaving loses nothing, and the URL is the step.
"""
