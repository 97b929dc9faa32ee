"""What keeps a bench safe: the STOP switch, who holds pins in other processes, and the guard."""
