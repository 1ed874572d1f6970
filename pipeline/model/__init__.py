"""What a trained network is on disk, and how it is used from there."""
