"""The commands of authors: what is made, proved and listed of an assignment."""
