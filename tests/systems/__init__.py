"""Systems that misbehave, a module each, for worker processes to import."""
