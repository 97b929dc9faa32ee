"""The commands of `labkit-setup`, one function each: a context in, an exit status out."""
