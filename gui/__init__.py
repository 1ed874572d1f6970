"""The drawing board: what is on it (pure, without a window), and in `window`, what shows it."""
