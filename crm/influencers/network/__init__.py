"""Who knows whom, the best ways to an influencer, and who is proposed as one."""
