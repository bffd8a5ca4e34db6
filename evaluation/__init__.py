"""How good the citations are: judgments, measures, runs, baselines, report."""
