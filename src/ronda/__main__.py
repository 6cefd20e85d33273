from ronda.cli import main

main()
