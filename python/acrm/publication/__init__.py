"""From a private build to a published version that readers see."""
