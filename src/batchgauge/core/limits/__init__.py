"""Which limit held at each level: the verdict and its evidence."""
