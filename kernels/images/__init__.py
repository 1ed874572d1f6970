"""What happens to images before a network sees them: distortions, oriented edges, ink coverage."""
