"""What the overview pages show; questions only, no truth of its own."""
