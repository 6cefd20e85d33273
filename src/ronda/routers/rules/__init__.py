"""Decisions about routers: which settings fit, what facts mean, which commands set one up."""
