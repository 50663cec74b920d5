"""The verbs: launch, observe, run, sweep."""
