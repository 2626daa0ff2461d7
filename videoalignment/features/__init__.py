"""From video files to frame descriptors: decode, network, pooling, whitening, files."""
