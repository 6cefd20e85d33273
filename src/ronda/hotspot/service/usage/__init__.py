"""What was used: recording readings, asking about them, forgetting them.

`recording` is the only writer of what readings tell, `taking` of what older systems' files tell,
`privacy` the only one that forgets.
"""
