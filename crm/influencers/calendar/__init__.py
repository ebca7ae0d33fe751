"""What influencers bring to the calendar: asks due, tasks, next steps, planned meetings."""
