"""Words the demo world is drawn from: names, places, products, conversations."""
