"""A real small model in the gate: the pre-registered experiment of `rmo bench --small-model`."""
