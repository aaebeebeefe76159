"""One module a backend: what each must have is said in devenv.editor.document."""
