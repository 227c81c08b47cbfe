"""`llmcc-tool`: everything that is not compiling. One module per subcommand."""
