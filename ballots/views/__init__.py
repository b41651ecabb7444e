"""Pages of votes: the desk of who organises, everybody's own part, and the public ones without a name."""
