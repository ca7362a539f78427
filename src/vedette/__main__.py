"""``python -m vedette``: the command line, where its script is not on the path."""

from vedette.cli import main

if __name__ == "__main__":
    main(prog_name="vedette")
