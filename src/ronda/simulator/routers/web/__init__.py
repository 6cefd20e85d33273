"""The web server of a simulated router: REST under `/rest` from 7.1 on, a page for everything else.

What is here was measured by others on 7.21 to 7.24 or stands in the manual's page "REST API".
"""
