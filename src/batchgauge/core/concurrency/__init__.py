"""How much was held at once: jobs, places and vCPUs, over time."""
