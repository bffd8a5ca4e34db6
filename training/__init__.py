"""From question sets to the weights of the reader."""
