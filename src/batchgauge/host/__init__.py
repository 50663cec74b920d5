"""This computer: its clock, its child processes, its signals."""
