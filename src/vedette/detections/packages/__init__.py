"""A detection's own folder: takes its files, gives the detection, each mistake at its place."""
