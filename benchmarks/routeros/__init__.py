"""What talking to routers costs, beside the clients of others."""
