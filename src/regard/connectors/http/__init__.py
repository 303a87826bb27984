"""HTTP to outside systems, with a guard against what they may answer."""
