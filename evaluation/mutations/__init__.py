"""The mutation suite: true quotations, changed by named kinds, held against the gates."""
