"""Types every part shares: frozen dataclasses and enums, no behaviour beyond small derived values."""
