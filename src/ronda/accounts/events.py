"""What accounts tells on the feed."""

#: Some of a person's ways in ended before their time; whoever remembers who they are asks again. `{"person": id}`
ENDED = "accounts.ended"
