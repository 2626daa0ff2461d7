"""Two real videos: where they meet, to a fraction of a frame, or that they do not."""
