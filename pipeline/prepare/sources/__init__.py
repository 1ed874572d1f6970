"""The places where labelled rows may be, and the order in which they are tried."""
