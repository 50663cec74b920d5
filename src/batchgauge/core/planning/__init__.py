"""What a measurement will do, take and cost, before anything is started."""
