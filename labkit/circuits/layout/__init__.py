"""Where everything goes on the breadboard, and how wires run: the same circuit is always laid out the same."""
