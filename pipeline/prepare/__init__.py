"""Raw labelled data of any layout to columnar Parquet and NPZ."""
