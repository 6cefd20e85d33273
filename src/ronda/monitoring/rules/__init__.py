"""The pure rules of the watch: what is believed, and when belief changes.

No I/O, no clock, no database: times come in as arguments (epoch seconds UTC, as the prober stamps
them), events go out. The service above owns the order of steps and the transaction.

| module       | question it answers                                              |
|--------------|------------------------------------------------------------------|
| `belief`     | what is believed about one ONT, and how a belief begins          |
| `watch`      | is this ONT up or down, and what made us sure                    |
| `policy`     | how sure to be, and so when to ask again                         |
| `older`      | how the older system said it                                     |
| `loss`       | how lossy is the site just now, so how often must we ask         |
| `flapping`   | has it changed so often that single changes are no news          |
| `degraded`   | does it answer worse than its own past                           |
| `blind`      | can the poller itself see                                        |
| `clockwatch` | did the wall clock jump                                          |
| `intervals`  | uptime from outages, unobserved and excluded time                |
"""
