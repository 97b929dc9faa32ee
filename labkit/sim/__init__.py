"""The simulated bench: parts with physics on nets, under one clock."""
