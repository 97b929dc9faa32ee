"""labkit: live controls, live plots and a simulated bench for gpiozero in notebooks."""
