"""What all kernels stand on: vectors, blocks, compiling, caching, threads."""
