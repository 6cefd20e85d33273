"""Pure rules of incidents: which losses belong together, and when what was suppressed is told."""
