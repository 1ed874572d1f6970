"""From ink, images and rows to what the network is given, and its answers."""
