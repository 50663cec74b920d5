"""What was seen of jobs, their tasks, programs and logs, and what follows from it for each."""
