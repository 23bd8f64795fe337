"""The command line: one program, a verb for each job. One module per verb; `main` is where it starts."""
