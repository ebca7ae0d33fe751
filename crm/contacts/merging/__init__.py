"""Two records of one person: found, told apart, made one; and whom their old links and addresses mean from then on."""
