"""Matrix chat: a home server tells an application service of every event in the rooms of its people."""
