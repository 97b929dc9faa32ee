"""The link: between a kernel and the pages that show it, also while a cell runs. See `hub.Hub`."""
