"""What a rule means over the event tables."""
