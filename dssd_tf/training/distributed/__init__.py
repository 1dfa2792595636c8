"""Training one network on several devices, or on several machines."""
