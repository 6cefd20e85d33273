"""The pages of the hotspot."""
