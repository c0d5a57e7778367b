"""The WSGI application that gunicorn serves; DJANGO_SETTINGS_MODULE says with which settings."""

import gc

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

# gunicorn forks its workers from here (--preload): what is loaded stays, and uncollected it stays shared.
gc.freeze()
