"""What mail providers tell by signed requests: Amazon SES, Postmark, SendGrid, Mailgun."""
