"""What is done to look after routers."""
