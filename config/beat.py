"""The Celery application of beat. It sends names by the clock and loads none of our code: a third of the memory."""

from celery import Celery

from config import queues

app = Celery("numberyard", fixups=[], set_as_current=False)  # the fixup would load Django
app.conf.update(queues.SETTINGS)
