"""What `make run` does to a database before it serves."""

import os

from bench.doors.__main__ import DATA
from config.stack import credentials, preparation

if __name__ == "__main__":
    preparation.run(os.environ, DATA / credentials.CREDENTIALS)
