"""What stands out in an analysis besides the verdict."""
