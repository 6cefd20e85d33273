"""Speaking to MikroTik routers: the API of v6 and v7, and REST, behind one port."""
