"""What `prepare` leaves behind, and the way back into memory: Parquet, NPZ, a manifest, all or none."""
