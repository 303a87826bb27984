"""How well and how fast records are resolved into customers, beside Splink, on sets whose truth is known."""
