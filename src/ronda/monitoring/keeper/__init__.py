"""The keeper, the process behind `ronda watch`.

| module     | subject                                                                       |
|------------|-------------------------------------------------------------------------------|
| `loop`     | the turn of watching, one pass of it, and who is watched                      |
| `settings` | what a keeper must be told                                                    |
| `line`     | the line to the prober: opened, heard, told what is wanted                    |
| `lookout`  | what the reports say of the poller itself: blind or not, rounds, trouble      |
| `clocks`   | wall clocks that jump, and a process that stood still                         |
| `writing`  | the ledger with patience: what waits while the database is away               |
| `news`     | what the keeper tells the feed                                                |
"""
