"""Pure decisions about lists of ONTs: what a row means, what an import would change, what is double.

Nothing here reads a file, a clock or a table. Findings carry a code and parameters; the
sentences people read are made in `devices.service.wording`.
"""
