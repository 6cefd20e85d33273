"""What may be asked of incidents and done about them."""
