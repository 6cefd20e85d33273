"""What the readings of a router mean."""
