"""The WSGI application that gunicorn serves; DJANGO_SETTINGS_MODULE says with which settings."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("STATEMENT_TIMEOUT", "30s")  # whoever asked is gone by then, and the database should know
application = get_wsgi_application()

# gunicorn forks its workers from here (--preload): what is loaded stays, and uncollected it stays shared.
gc.freeze()
