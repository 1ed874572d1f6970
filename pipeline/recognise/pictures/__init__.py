"""From picture files to images."""
