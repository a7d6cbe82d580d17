"""The account, the automations and the findings as data, and the exception tree. Imports nothing else of ckaudit."""
