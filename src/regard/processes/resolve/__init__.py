"""The program `regard resolve`: files in, customers out, without a server or a database."""
