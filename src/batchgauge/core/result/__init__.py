"""The result of one run: what it says, how it is made from the journal, and whether it may be relied on."""
