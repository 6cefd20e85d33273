"""What is done with routers."""
