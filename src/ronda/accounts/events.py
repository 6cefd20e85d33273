"""What accounts tells on the feed."""

#: Some of a person's ways in ended before their time; whoever remembers who they are asks again. `{"person": id}`
ENDED = "accounts.ended"

#: Somebody signed in with a device that they had never signed in with. `{"person": id, "sign_in": id}`
NEW_DEVICE = "accounts.new_device"

#: Somebody took off a second step of another person. `{"person": id, "row": id}`, a row of the trail that says why.
SECOND_STEP_OFF = "accounts.second_step_off"
