"""Pages about the routers' well-being."""
