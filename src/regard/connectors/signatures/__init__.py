"""Who proves that a pushed request is genuine: one pure `Verify` function for each vendor's scheme.

All of them judge the raw bytes, compare in constant time, and raise nothing but `SignatureRefusedError`.
"""
