"""What a program does with a server, through the official client; the tests in Java say what must come of it."""
