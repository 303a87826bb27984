"""Ground without domain words: clock, ids, money, errors, logs."""
