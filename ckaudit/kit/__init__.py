"""Kit's API v4, read only: credentials, pacing, retries, paging, decoding and redaction. The only code that opens a socket."""
