"""The embedded building: robots' bodies, lifts, doors, scenarios and the independent checker."""
