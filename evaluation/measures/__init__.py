"""What is measured, one family a module; every measure a pure function with its definition."""
