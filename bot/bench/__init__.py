"""`rmo bench`: does it learn? The whole program, with a coder whose habits are known."""
