"""What the audit trail costs when it is long."""
