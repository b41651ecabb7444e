"""The verbs of a vote, by what they are about."""
