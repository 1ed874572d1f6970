"""Work done by several processes, here or on other machines, by Dask."""
