"""What people and editors open: reports, charts, plots, editors' files, tables, wording."""
