"""Topics of Kafka as a source; how far they were read lies in the cursor, never at the broker."""
