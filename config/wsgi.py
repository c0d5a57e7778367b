"""The WSGI application that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
application = get_wsgi_application()

# gunicorn forks its workers from here (--preload): what is loaded stays, and uncollected it stays shared.
gc.freeze()
