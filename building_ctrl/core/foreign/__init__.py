"""Drives robots of other fleets along the paths released to them, by Open-RMF's fleet states and path requests.

`track` says where on its released path a robot is, `driver` what to send to it, `gateway` holds all of them.
"""
