"""Django behind WSGI; the ASGI root runs it in a thread pool."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronda.app.settings")
application = get_wsgi_application()
