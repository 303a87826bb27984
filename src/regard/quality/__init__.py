"""How good the data is: every value judged, every source with its score."""
