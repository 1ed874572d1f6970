"""How one layer is computed fast: dense, sparse and of filters."""
