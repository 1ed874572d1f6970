"""Parquet files of labelled rows, understood by the rules for CSV."""
