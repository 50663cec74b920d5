"""render(result) -> text | bytes: computes no statistic, opens no file."""
