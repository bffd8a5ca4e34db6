"""How good the citations are: judgments, measures, runs, baselines, mutations, reports."""
