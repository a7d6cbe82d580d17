"""The workbench: describe automations one after the other, in a page of your own browser or in the terminal.

``session`` is the work itself and knows nothing of pages and terminals, ``server`` answers the page on this machine alone.
"""
