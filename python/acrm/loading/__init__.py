"""From extract files to the immutable raw zone."""
