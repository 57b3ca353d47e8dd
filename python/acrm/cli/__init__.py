"""The command ``acrm``: one module a command, each importing its work on demand."""
