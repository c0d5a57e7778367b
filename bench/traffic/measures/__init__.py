"""What needs the models. Django is set up before anything in here is imported."""

import django

django.setup()
