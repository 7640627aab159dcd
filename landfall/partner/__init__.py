"""What a partner sent, compared with values of our own."""
