"""Tests of the measuring, not of what is measured: no times here."""
