"""What is to be submitted, what became of it, and what our own calls did to what is measured."""
