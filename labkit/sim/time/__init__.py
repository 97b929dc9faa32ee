"""Virtual time: one scheduler for real threads, and the patches that lead programs to it."""
