"""A lab that other machines reach: what `python3 setup pi` sets up, checks and takes back. Standard library only,
but for what is imported where it is used: it starts before its own virtual environment is there."""
