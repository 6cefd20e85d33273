"""What can be done with sites, areas and ONTs: the steps, in order, each one transaction."""
