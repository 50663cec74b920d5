"""Why a job failed or waits, in closed types."""
