"""What is true and stored. `models.entities` has everything; a part loads only itself, so that the
first window can be painted with a few words of `models.kit`."""
