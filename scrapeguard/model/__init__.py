"""The vocabulary: purposes, questions, exchanges, evidence, statements, decisions. Knows no reader and does no I/O."""
