"""From a configuration and a data set to a trained network, one epoch at a time."""
