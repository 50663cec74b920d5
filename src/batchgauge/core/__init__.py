"""Values and mathematics: pure, without a clock, randomness, files or network of their own."""
