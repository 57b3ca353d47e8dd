"""Questions asked of a published version."""
