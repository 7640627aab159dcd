"""The lock on profile versions: the rows of one column are all made by the same version of its profile."""
