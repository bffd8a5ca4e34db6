"""A stand-in for Telegram's Bot API, stricter than the original where that is safe.

What it cannot show: how clients draw a message, real flood thresholds, real privacy-mode delivery.
"""
