"""Moving a router from Mikhmon: what is taken, what is odd, and what changes on the router."""
