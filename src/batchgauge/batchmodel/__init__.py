"""A model of AWS Batch itself: pure and steppable. `boundary` has the words, `model.BatchModel` the model."""
