"""The demo company: a seeded world, what each of its sources sees of it, and the loader that fills Regard."""
