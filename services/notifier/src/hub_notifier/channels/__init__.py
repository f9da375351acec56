"""Ways to reach a person: e-mail by SMTP so far; a webhook, a calendar or GOV.UK Notify fit the same shape."""
