"""CSV as it is found in the wild: sniffed, surveyed, then gone through batch by batch."""
