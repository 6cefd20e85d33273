"""Moving a router from Mikhmon: look, take, cut over, put back."""
