"""Spreadsheet files: checked, read, matched to fields, marked and written. No ORM: the callers know people, this knows cells."""
