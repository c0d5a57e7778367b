"""Reading hostile files: runs in a child process that has no settings, no secrets and little of everything else.

Nothing here may import Django (a test watches), so that the child is up in a tenth of a second.
"""
