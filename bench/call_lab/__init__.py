"""The call lab: two real browsers, our own server and TURN relays in network namespaces, joined by links that lose,
delay, choke and cut under control. See docs/call-lab.md.
"""
