"""Many recordings on one timeline: pairs that were aligned one by one, solved together."""
