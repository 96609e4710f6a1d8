"""Singer target that writes streams into datasets."""
