"""A shorter speech, for routes that leave the audio alone; without Django, as the calculating process imports it."""

from testing_lab.media.speech import Speech, compose


def compose_few(seed: str) -> Speech:
    return compose(seed, 1.0)
