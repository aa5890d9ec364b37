"""What is written for people and by them: in which language, how it is searched, made fit to be shown."""
