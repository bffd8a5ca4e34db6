"""How the reader is trained: questions → windows → edits → batches → model → weights."""
