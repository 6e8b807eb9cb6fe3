"""Statements in, one Decision out."""
