"""What a whole network does: passes, epochs, inference and saliency."""
