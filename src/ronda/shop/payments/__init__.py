"""Payment gateways: one file each behind `port.Gateway`, found by kind in `registry`."""
