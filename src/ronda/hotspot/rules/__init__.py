"""What the hotspot slice decides: values of RouterOS, speed limits, drift, access hours, choosing a router."""
