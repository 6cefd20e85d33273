"""The order of steps: reading routers, keeping what they hold, and doing what people ask."""
