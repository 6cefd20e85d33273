"""The HTML doors of devices: parse, call the service, render."""
