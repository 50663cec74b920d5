"""AWS Batch at once: the ports that a measurement needs, straight on `batchmodel`, in time that passes only where everybody waits."""
