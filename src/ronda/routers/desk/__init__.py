"""The routers' desk: the one process that holds the one connection of each router."""
