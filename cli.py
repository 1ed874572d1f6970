"""The command line of Scrawl."""
