"""A centre's: sticks that stations bring to the counter, and the way to the city."""
