"""Ways to get a document: the network, an archive, a mapping in memory."""
