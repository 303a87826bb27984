"""What a genuine pushed request says: one pure `Translate` function for each vendor.

A vendor that pushes whole objects in the form of its own API gives records; one that pushes ids, or another
form than its API, gives ids to be fetched. So a push and the slow poll make the same raw record.
"""
