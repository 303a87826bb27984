"""Files that arrive in a folder or in a bucket of an S3-compatible store, read row by row."""
