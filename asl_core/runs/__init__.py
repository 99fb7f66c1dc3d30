"""What a training leaves on disk, and the way there."""
