"""Terms pages: found, read whole, and each clause named."""
