"""Front ends: the command line and Telegram. They draw answers and decide nothing about them."""
