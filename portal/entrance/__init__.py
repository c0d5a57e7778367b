"""Coming in: sign-up, sign-in, forgotten passwords, second factors. django-allauth's flows with our words and pages."""
