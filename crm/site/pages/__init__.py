"""The pages that staff write in blocks: pages, posts and stories."""
