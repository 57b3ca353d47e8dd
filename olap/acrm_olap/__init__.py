"""The cube engine over the published stars."""
