"""The commands of ``python -m evaluation``, a family a module: read files, call, print."""
