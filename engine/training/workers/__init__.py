"""Worker processes: the pool, what runs in each, and how they are told to pause and stop."""
