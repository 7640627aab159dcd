"""The sweep: what stands still or was left over, found by looking, and repaired if asked."""
