"""The public archive: released mailings as pages that anybody may read, share and subscribe to."""
