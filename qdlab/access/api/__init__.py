"""What all of the API shares: who asks, what they may, how lists are cut, and how every refusal is worded."""
