"""The embedded PostgreSQL keeps what it was told, whatever happens to its processes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.stack import program, servers
from config.stack.postgres import Postgres
