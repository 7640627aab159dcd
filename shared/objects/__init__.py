"""Objects in S3: reading pinned versions, and writing outputs that appear all at once or not at all."""
