"""The box a simulated router runs on: its model, how busy and warm it is, its ports and its files."""
