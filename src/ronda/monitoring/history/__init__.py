"""The long memory: every sweep at full resolution for weeks, hours for years.

`packing` turns round trips into bytes and bytes into charts, purely; `store` keeps them.
Uptime never comes from here: it comes from outages (`rules.intervals`).
"""
